// How weights and activations lie in memory; see grouped.c.

#include <immintrin.h>
#include <stdint.h>

#define GROUP 32
#define LANES 16
#define TILE (2 * LANES)
#define QUADS (GROUP / 4)
#define STRETCH 16                      // groups that all rows pass at a time: 10 or 18 KiB, at most half of a first-level cache
#define ROWS 4                          // of activations in a block; with two vectors of outputs, 8 sums at a time
#define SCALES (4 * TILE)               // bytes of D and M in a group
#define INTEGERS (GROUP * TILE)         // bytes of a group that is unpacked
#define BLOCK (ROWS * (GROUP + 8))      // bytes of a group in a block of activations

extern int omp_get_thread_num(void);

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
