// Products of 8-bit activations with weights of 4 or 8 bits, both in groups of 32, for processors with AVX-512 VNNI.
//
// A weight is D * u - M, where u is unsigned and D, M belong to its group; an activation is S * x, where x is signed
// and S belongs to its group. So a group's part of a sum is S * D * (sum of u * x) - M * S * (sum of x), and only the
// first sum takes time: one instruction multiplies and adds 64 pairs.
//
// Outputs lie in tiles of 32. A tile holds, group after group, its weights, then 32 D and 32 M in half precision, so
// that it is read from its first byte to its last. A vector of weights is four neighbours in the group for each of
// 16 outputs, as the instruction wants them; of 4 bits, the first half of a group is in low nibbles, the second in
// high ones. Activations lie in blocks of four rows: group after group, four neighbours of each row in turn, then
// the rows' S, then their S * (sum of x).
//
// Tiles are dealt out to threads a few at a time, so that a thread that is held up holds up nobody else.

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "layout.h"

#define ALONE 1024                      // groups of activations that take less time than to wake a thread up

// One row of activations, `groups` * 32 numbers, into its place in a block.
static void quantise(const void *row, int is_float, long groups, uint8_t *place, int number) {
    for (long group = 0; group < groups; group++, place += BLOCK) {
        const long first = group * GROUP;
        const float *floats = (const float *)row + first;
        const uint16_t *halves = (const uint16_t *)row + first;
        const __m512 low = is_float ? _mm512_loadu_ps(floats) : widened(halves);
        const __m512 high = is_float ? _mm512_loadu_ps(floats + LANES) : widened(halves + LANES);
        const float most = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(low), _mm512_abs_ps(high)));
        const __m512 factor = _mm512_set1_ps(most > 1e-30f ? 127.0f / most : 0.0f);
        const __m512i a = _mm512_cvtps_epi32(_mm512_mul_ps(low, factor));
        const __m512i b = _mm512_cvtps_epi32(_mm512_mul_ps(high, factor));
        int32_t quads[QUADS];
        _mm_storeu_si128((void *)quads, _mm512_cvtepi32_epi8(a));
        _mm_storeu_si128((void *)(quads + 4), _mm512_cvtepi32_epi8(b));
        for (int quad = 0; quad < QUADS; quad++) memcpy(place + 4 * (ROWS * quad + number), quads + quad, 4);
        float *scales = (float *)(place + ROWS * GROUP);
        scales[number] = most / 127.0f;
        scales[ROWS + number] = scales[number] * (float)_mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
    }
}

static inline __m512 from_half(const uint16_t *from) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const void *)from));
}

// Add some groups' part of the sums of `rows` rows of activations with a tile of outputs.
//
// Weights are taken out of their 4 bits for every block of rows again: that is done by units which products leave
// idle, and costs less than to write them down. `ahead` is memory that is wanted next, or 0: a group's worth of it is
// asked for with each group, so that it comes while this is multiplied.
static inline __attribute__((always_inline)) void add_groups(
    const int rows, const int bits, long groups, const uint8_t *packed, const uint8_t *block, float *sums,
    const uint8_t *ahead) {
    const long integer_bytes = INTEGERS * bits / 8, group_bytes = integer_bytes + SCALES;
    const __m512i mask = _mm512_set1_epi8(15);
    __m512 total[ROWS][2];
    for (int row = 0; row < rows; row++)
        for (int half = 0; half < 2; half++) total[row][half] = _mm512_loadu_ps(sums + TILE * row + LANES * half);
    for (long group = 0; group < groups; group++, packed += group_bytes, block += BLOCK) {
        if (ahead) {
            for (long byte = 0; byte < group_bytes; byte += 64)
                _mm_prefetch((const char *)ahead + byte, _MM_HINT_T0);
            ahead += group_bytes;
        }
        __m512i part[ROWS][2];
        for (int row = 0; row < rows; row++) part[row][0] = part[row][1] = _mm512_setzero_si512();
#pragma GCC unroll 4
        for (int quad = 0; quad < QUADS / 2; quad++) {
            __m512i w[2][2];              // this quad and the one half a group on, of each half of the tile
            for (int half = 0; half < 2; half++) {
                const uint8_t *at = packed + integer_bytes / 2 * half + 64 * quad;
                const __m512i these = _mm512_loadu_si512(at);
                w[0][half] = bits == 4 ? _mm512_and_si512(these, mask) : these;
                w[1][half] = bits == 4 ? _mm512_and_si512(_mm512_srli_epi16(these, 4), mask)
                                       : _mm512_loadu_si512(at + 32 * QUADS);
            }
            for (int next = 0; next < 2; next++) {
                for (int row = 0; row < rows; row++) {
                    int32_t four;
                    memcpy(&four, block + 4 * (ROWS * (quad + QUADS / 2 * next) + row), 4);
                    const __m512i x = _mm512_set1_epi32(four);
                    part[row][0] = _mm512_dpbusd_epi32(part[row][0], w[next][0], x);
                    part[row][1] = _mm512_dpbusd_epi32(part[row][1], w[next][1], x);
                }
            }
        }
        const float *scale = (const float *)(block + ROWS * GROUP), *sum = scale + ROWS;
        const uint16_t *halves = (const uint16_t *)(packed + integer_bytes);
        for (int half = 0; half < 2; half++) {
            const __m512 d = from_half(halves + LANES * half), m = from_half(halves + TILE + LANES * half);
            for (int row = 0; row < rows; row++) {
                const __m512 factor = _mm512_mul_ps(d, _mm512_set1_ps(scale[row]));
                total[row][half] = _mm512_fnmadd_ps(m, _mm512_set1_ps(sum[row]), total[row][half]);
                total[row][half] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(part[row][half]), factor, total[row][half]);
            }
        }
    }
    for (int row = 0; row < rows; row++)
        for (int half = 0; half < 2; half++) _mm512_storeu_ps(sums + TILE * row + LANES * half, total[row][half]);
}

// All rows' sums with some groups of a tile, which stay in the first-level cache meanwhile.
static inline __attribute__((always_inline)) void add_rows(
    const int bits, long rows, long groups, const uint8_t *packed, const uint8_t *block, long block_bytes,
    float *sums) {
    const uint8_t *ahead = packed + groups * (INTEGERS * bits / 8 + SCALES);
    for (; rows > 0; rows -= ROWS, block += block_bytes, sums += TILE * ROWS, ahead = 0) {
        switch (rows) {
        case 1: add_groups(1, bits, groups, packed, block, sums, ahead); break;
        case 2: add_groups(2, bits, groups, packed, block, sums, ahead); break;
        case 3: add_groups(3, bits, groups, packed, block, sums, ahead); break;
        default: add_groups(4, bits, groups, packed, block, sums, ahead); break;
        }
    }
}

static void store(const float *sums, const float *row_scale, const float *bias, void *out, long place, int is_float) {
    for (int half = 0; half < TILE; half += LANES) {
        __m512 value = _mm512_mul_ps(_mm512_loadu_ps(sums + half), _mm512_loadu_ps(row_scale + half));
        if (bias) value = _mm512_add_ps(value, _mm512_loadu_ps(bias + half));
        if (is_float) {
            _mm512_storeu_ps((float *)out + place + half, value);
            continue;
        }
        store_rounded((uint16_t *)out + place + half, value);
    }
}

// out (rows, 32 * tiles) = activations (rows, 32 * groups) times weights; both are float, or else bfloat16.
//
// scratch holds the activations, 40 * groups bytes for each row, rows rounded up to a multiple of four, and then
// 128 bytes for each row and thread.
void multiply(
    const void *activations, int is_float, long rows, long groups, const uint8_t *weights, int bits, long tiles,
    const float *row_scale, const float *bias, void *out, uint8_t *scratch, int threads) {
    const long group_bytes = INTEGERS * bits / 8 + SCALES, blocks = (rows + ROWS - 1) / ROWS;
    const long row_bytes = groups * GROUP * (is_float ? 4 : 2);
    float *all_sums = (float *)(scratch + blocks * groups * BLOCK);
#pragma omp parallel for num_threads(threads) if (rows * groups > ALONE)
    for (long row = 0; row < rows; row++)
        quantise(
            (const uint8_t *)activations + row * row_bytes, is_float, groups, scratch + row / ROWS * groups * BLOCK,
            (int)(row % ROWS));
#pragma omp parallel num_threads(threads)
    {
        float *sums = all_sums + omp_get_thread_num() * rows * TILE;
#pragma omp for schedule(dynamic) nowait
        for (long tile = 0; tile < tiles; tile++) {
            const uint8_t *packed = weights + tile * groups * group_bytes;
            memset(sums, 0, rows * TILE * sizeof(float));
            for (long begin = 0; begin < groups; begin += STRETCH) {
                const long count = groups - begin < STRETCH ? groups - begin : STRETCH;
                // Asking for what is past the last tile is advice about memory that nobody reads.
                const uint8_t *from = packed + begin * group_bytes, *block = scratch + begin * BLOCK;
                if (bits == 4)
                    add_rows(4, rows, count, from, block, groups * BLOCK, sums);
                else
                    add_rows(8, rows, count, from, block, groups * BLOCK, sums);
            }
            for (long row = 0; row < rows; row++)
                store(
                    sums + TILE * row, row_scale + TILE * tile, bias ? bias + TILE * tile : 0, out,
                    (row * tiles + tile) * TILE, is_float);
        }
    }
}
