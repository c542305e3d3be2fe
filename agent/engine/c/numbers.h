// Numbers in vectors of 16: from bfloat16, to bfloat16, and powers of e.

#pragma once

#include <immintrin.h>
#include <stdint.h>

#define LANES 16

static inline __m512 widened(const uint16_t *from) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)from)), 16));
}

// To the nearest bfloat16, the even one of two.
static inline void store_rounded(uint16_t *to, __m512 value) {
    const __m512i bits = _mm512_castps_si512(value);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
    _mm256_storeu_si256((void *)to, _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)));
}

static inline __m512 power_of_e(__m512 x) {
    // 2^n * 2^f with |f| <= 1/2, and the first seven terms of 2^f: what is left out is below 2e-7.
    const __m512 scaled = _mm512_mul_ps(x, _mm512_set1_ps(1.44269504f));
    const __m512 n = _mm512_roundscale_ps(scaled, 0);
    // In two steps, so that a large x loses nothing: ln 2 is 0.693359375 - 0.00021219444.
    __m512 f = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
    f = _mm512_fmadd_ps(n, _mm512_set1_ps(2.12194440e-4f), f);
    __m512 sum = _mm512_set1_ps(1.0f / 720);
    sum = _mm512_fmadd_ps(sum, f, _mm512_set1_ps(1.0f / 120));
    sum = _mm512_fmadd_ps(sum, f, _mm512_set1_ps(1.0f / 24));
    sum = _mm512_fmadd_ps(sum, f, _mm512_set1_ps(1.0f / 6));
    sum = _mm512_fmadd_ps(sum, f, _mm512_set1_ps(0.5f));
    sum = _mm512_fmadd_ps(sum, f, _mm512_set1_ps(1.0f));
    sum = _mm512_fmadd_ps(sum, f, _mm512_set1_ps(1.0f));
    return _mm512_scalef_ps(sum, n);
}
