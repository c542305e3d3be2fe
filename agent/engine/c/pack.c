// Weights of bfloat16 into the tiles that grouped.c multiplies.
//
// A model that was kept in 4 bits and is here in bfloat16 has in each group of 32 at most 16 different values at equal
// distances. They are found again: of all numbers of steps between the smallest and the largest weight, the one that
// leaves the least. What is left must be no more than what rounding to bfloat16 left, or else the group is not of
// this kind. Other weights go into 8 bits, with 255 steps between the smallest and the largest.

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "layout.h"

#define MOST_STEPS 15
#define ROUNDING (1.0f / 128)    // of a weight, two of bfloat16's rounding errors: D and M have them, too
#define ROOM 16.0f               // D and M of an output are at most this in half precision

typedef struct { __m512 low, high; } Group;

static inline Group group_of(const uint16_t *from) {
    return (Group){ widened(from), widened(from + LANES) };
}

static inline float least_of(Group w) { return _mm512_reduce_min_ps(_mm512_min_ps(w.low, w.high)); }
static inline float most_of(Group w) { return _mm512_reduce_max_ps(_mm512_max_ps(w.low, w.high)); }

static inline __m512 steps_of(__m512 w, float least, float inverse) {
    return _mm512_roundscale_ps(_mm512_mul_ps(_mm512_sub_ps(w, _mm512_set1_ps(least)), _mm512_set1_ps(inverse)), 0);
}

// The line through weights and their steps that leaves the smallest squares: w = d * steps + least.
static void refine(Group w, Group steps, float *d, float *least) {
    const float n = GROUP;
    const float s = _mm512_reduce_add_ps(_mm512_add_ps(steps.low, steps.high));
    const float v = _mm512_reduce_add_ps(_mm512_add_ps(w.low, w.high));
    const float ss = _mm512_reduce_add_ps(
        _mm512_fmadd_ps(steps.low, steps.low, _mm512_mul_ps(steps.high, steps.high)));
    const float sv = _mm512_reduce_add_ps(_mm512_fmadd_ps(steps.low, w.low, _mm512_mul_ps(steps.high, w.high)));
    const float spread = n * ss - s * s;
    if (spread <= 0) return;
    *d = (n * sv - s * v) / spread;
    *least = (v - *d * s) / n;
}

static float rest_of(__m512 w, __m512 steps, float d, float least) {
    const __m512 miss = _mm512_sub_ps(w, _mm512_fmadd_ps(steps, _mm512_set1_ps(d), _mm512_set1_ps(least)));
    return _mm512_reduce_max_ps(_mm512_abs_ps(miss));
}

// D and the least weight of a group; returns 0 where a group is not of 4 bits and they are wanted.
static int levels(Group w, int bits, float *d, float *least) {
    const float low = least_of(w), high = most_of(w), span = high - low;
    *least = low;
    if (bits == 8 || span == 0) {
        *d = span / 255;
        return 1;
    }
    const float room = ROUNDING * (high > -low ? high : -low);
    float best = room;
    int found = 0;
    for (int count = MOST_STEPS; count > 0; count--) {
        const float step = span / count, inverse = count / span;
        const Group steps = { steps_of(w.low, low, inverse), steps_of(w.high, low, inverse) };
        const float first = rest_of(w.low, steps.low, step, low), second = rest_of(w.high, steps.high, step, low);
        const float rest = first > second ? first : second;
        if (rest < best) best = rest, *d = step, found = 1;
    }
    if (!found) return 0;
    const Group steps = { steps_of(w.low, low, 1 / *d), steps_of(w.high, low, 1 / *d) };
    refine(w, steps, d, least);
    return 1;
}

// One output's weights into its place in a tile; `factors` holds its D, then its least weights.
static void place(
    const uint16_t *row, long groups, int bits, const float *factors, float row_scale, uint8_t *tile, int lane) {
    const long group_bytes = INTEGERS * bits / 8 + SCALES;
    const float largest = bits == 4 ? 15 : 255, inverse_scale = row_scale > 0 ? 1 / row_scale : 0;
    for (long group = 0; group < groups; group++, row += GROUP, tile += group_bytes) {
        uint16_t halves[2];
        halves[0] = _cvtss_sh(factors[group] * inverse_scale, 0);
        halves[1] = _cvtss_sh(-factors[groups + group] * inverse_scale, 0);
        // What is multiplied is what the halves say.
        const float d = _cvtsh_ss(halves[0]) * row_scale, least = -_cvtsh_ss(halves[1]) * row_scale;
        const float inverse = d > 0 ? 1 / d : 0;
        const Group w = group_of(row);
        uint8_t u[GROUP];
        const __m512 top = _mm512_set1_ps(largest), zero = _mm512_setzero_ps();
        _mm_storeu_si128((void *)u, _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(
            _mm512_min_ps(_mm512_max_ps(steps_of(w.low, least, inverse), zero), top))));
        _mm_storeu_si128((void *)(u + LANES), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(
            _mm512_min_ps(_mm512_max_ps(steps_of(w.high, least, inverse), zero), top))));
        const int half = lane / LANES, in_half = lane % LANES;
        for (int quad = 0; quad < (bits == 4 ? QUADS / 2 : QUADS); quad++) {
            uint8_t *to = tile + 64 * ((bits == 4 ? QUADS / 2 : QUADS) * half + quad) + 4 * in_half;
            for (int k = 0; k < 4; k++)
                to[k] = bits == 4 ? u[4 * quad + k] | (uint8_t)(u[GROUP / 2 + 4 * quad + k] << 4) : u[4 * quad + k];
        }
        uint8_t *scales = tile + INTEGERS * bits / 8;
        memcpy(scales + 2 * lane, halves, 2);
        memcpy(scales + 2 * (TILE + lane), halves + 1, 2);
    }
}

// Pack `outputs` rows of 32 * groups bfloat16, beginning with output `first`; returns how many rows are not of so few
// bits, and stops soon after the first of them.
//
// scratch holds 8 bytes for each group and thread.
long pack(
    const uint16_t *weights, long outputs, long groups, int bits, long first, uint8_t *tiles, float *row_scale,
    float *scratch, int threads) {
    const long tile_bytes = groups * (INTEGERS * bits / 8 + SCALES);
    long misfits = 0;
#pragma omp parallel for schedule(dynamic, 64) num_threads(threads)
    for (long output = 0; output < outputs; output++) {
        long known;
#pragma omp atomic read
        known = misfits;
        if (known) continue;
        const uint16_t *row = weights + output * groups * GROUP;
        float *factors = scratch + omp_get_thread_num() * 2 * groups;
        float most = 0;
        int fits = 1;
        for (long group = 0; group < groups && fits; group++) {
            fits = levels(group_of(row + group * GROUP), bits, factors + group, factors + groups + group);
            const float d = factors[group], least = factors[groups + group];
            const float larger = d > least ? (d > -least ? d : -least) : (least > -least ? least : -least);
            if (larger > most) most = larger;
        }
        if (!fits) {
#pragma omp atomic
            misfits++;
            continue;
        }
        row_scale[first + output] = most / ROOM;
        place(
            row, groups, bits, factors, most / ROOM, tiles + (first + output) / TILE * tile_bytes,
            (int)((first + output) % TILE));
    }
    return misfits;
}
