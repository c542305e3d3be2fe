// What a model computes of each row of activations by itself, in one pass over it where torch needs one an operation.

#include <immintrin.h>
#include <stdint.h>

#include "numbers.h"

#define ALONE 65536                     // numbers that one thread is through with before another one wakes up

// Divide each row by the root of its mean square, and multiply it with `weight`: bfloat16 to bfloat16, `width` of 16s.
void normalise(
    const uint16_t *in, long rows, long width, const float *weight, float epsilon, uint16_t *out, int threads) {
#pragma omp parallel for num_threads(threads) if (rows * width > ALONE)
    for (long row = 0; row < rows; row++) {
        const uint16_t *from = in + row * width;
        __m512 squares = _mm512_setzero_ps();
        for (long k = 0; k < width; k += LANES) {
            const __m512 x = widened(from + k);
            squares = _mm512_fmadd_ps(x, x, squares);
        }
        const float mean = _mm512_reduce_add_ps(squares) / (float)width;
        const __m512 factor = _mm512_set1_ps(1.0f / __builtin_sqrtf(mean + epsilon));
        for (long k = 0; k < width; k += LANES)
            store_rounded(
                out + row * width + k,
                _mm512_mul_ps(_mm512_mul_ps(widened(from + k), factor), _mm512_loadu_ps(weight + k)));
    }
}

// x / (1 + e^-x) of the first half of each row, times its second half; rows lie `stride` apart, halves are `width` of
// 16s wide.
void gate(const uint16_t *in, long rows, long stride, long width, uint16_t *out, int threads) {
#pragma omp parallel for num_threads(threads) if (rows * width > ALONE)
    for (long row = 0; row < rows; row++) {
        const uint16_t *from = in + row * stride;
        for (long k = 0; k < width; k += LANES) {
            const __m512 x = widened(from + k), one = _mm512_set1_ps(1.0f);
            const __m512 below = _mm512_add_ps(one, power_of_e(_mm512_sub_ps(_mm512_setzero_ps(), x)));
            store_rounded(
                out + row * width + k, _mm512_mul_ps(_mm512_div_ps(x, below), widened(from + width + k)));
        }
    }
}

// Sums over each row of e^(logit - most), as it is and with logits divided by the row's temperature.
void sum_powers(
    const float *logits, long rows, long width, const float *most, const float *temperature, float *plain,
    float *heated, int threads) {
#pragma omp parallel for num_threads(threads)
    for (long row = 0; row < rows; row++) {
        const __m512 top = _mm512_set1_ps(most[row]), cold = _mm512_set1_ps(1.0f / temperature[row]);
        __m512 sums[2] = { _mm512_setzero_ps(), _mm512_setzero_ps() };
        for (long k = 0; k < width; k += LANES) {
            const __mmask16 there = width - k < LANES ? (__mmask16)((1u << (width - k)) - 1) : 0xffff;
            const __m512 x = _mm512_sub_ps(_mm512_maskz_loadu_ps(there, logits + row * width + k), top);
            sums[0] = _mm512_mask_add_ps(sums[0], there, sums[0], power_of_e(x));
            sums[1] = _mm512_mask_add_ps(sums[1], there, sums[1], power_of_e(_mm512_mul_ps(x, cold)));
        }
        plain[row] = _mm512_reduce_add_ps(sums[0]);
        heated[row] = _mm512_reduce_add_ps(sums[1]);
    }
}
