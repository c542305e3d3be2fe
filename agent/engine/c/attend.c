// One new token of each row attends to the row's own tokens, and what it found in a shared prompt joins in.
//
// Keys are taken in blocks with a running maximum, as in blockwise softmax (Milakov and Gimelshein, 2018), so that no
// scores are kept, and nothing is read past the last token of a row.

#include <math.h>
#include <string.h>

#include "numbers.h"

#define MOST_SIZE 256                   // of a head
#define MOST_GROUP 16                   // queries to a head of keys
#define BLOCK 64                        // keys at a time
#define ALONE 4096                      // keys that one thread is through with before another one wakes up

typedef struct {
    float queries[MOST_GROUP][MOST_SIZE], sums[MOST_GROUP][MOST_SIZE];
    float scores[MOST_GROUP][BLOCK];
    float most[MOST_GROUP], total[MOST_GROUP];
} State;

static float dot(const float *query, const __m512 *key, long size) {
    __m512 sum = _mm512_setzero_ps();
    for (long k = 0; k < size / LANES; k++) sum = _mm512_fmadd_ps(_mm512_loadu_ps(query + LANES * k), key[k], sum);
    return _mm512_reduce_add_ps(sum);
}

// Scores of `count` keys become weights; sums and totals are told a new maximum.
static void weigh(State *state, long group, long count, long size) {
    for (long g = 0; g < group; g++) {
        float *scores = state->scores[g];
        for (long t = count; t < BLOCK; t++) scores[t] = -INFINITY;
        __m512 top = _mm512_set1_ps(state->most[g]);
        for (long t = 0; t < BLOCK; t += LANES) top = _mm512_max_ps(top, _mm512_loadu_ps(scores + t));
        const float most = _mm512_reduce_max_ps(top);
        const __m512 shift = _mm512_set1_ps(most);
        __m512 total = _mm512_setzero_ps();
        for (long t = 0; t < BLOCK; t += LANES) {
            // Below this nothing is left of it in float32; minus infinity has no power that could be computed.
            const __m512 apart = _mm512_max_ps(_mm512_sub_ps(_mm512_loadu_ps(scores + t), shift), _mm512_set1_ps(-120));
            const __m512 weight = power_of_e(apart);
            _mm512_storeu_ps(scores + t, weight);
            total = _mm512_add_ps(total, weight);
        }
        const float kept = state->total[g] > 0 ? expf(state->most[g] - most) : 0;
        state->total[g] = state->total[g] * kept + _mm512_reduce_add_ps(total);
        state->most[g] = most;
        for (long k = 0; k < size; k += LANES)
            _mm512_storeu_ps(
                state->sums[g] + k, _mm512_mul_ps(_mm512_loadu_ps(state->sums[g] + k), _mm512_set1_ps(kept)));
    }
}

static void add_values(State *state, long group, const uint16_t *values, long count, long size) {
    for (long k = 0; k < size; k += LANES) {
        for (long g = 0; g < group; g++) {
            __m512 sum = _mm512_loadu_ps(state->sums[g] + k);
            for (long t = 0; t < count; t++)
                sum = _mm512_fmadd_ps(_mm512_set1_ps(state->scores[g][t]), widened(values + size * t + k), sum);
            _mm512_storeu_ps(state->sums[g] + k, sum);
        }
    }
}

static void attend_one(
    State *state, const uint16_t *query, const uint16_t *keys, const uint16_t *values, long group, long size,
    long first, long end, float scale) {
    for (long g = 0; g < group; g++) {
        for (long k = 0; k < size; k += LANES) {
            const __m512 q = _mm512_mul_ps(widened(query + size * g + k), _mm512_set1_ps(scale));
            _mm512_storeu_ps(state->queries[g] + k, q);
            _mm512_storeu_ps(state->sums[g] + k, _mm512_setzero_ps());
        }
        state->most[g] = -INFINITY;
        state->total[g] = 0;
    }
    for (long begin = first; begin < end; begin += BLOCK) {
        const long count = end - begin < BLOCK ? end - begin : BLOCK;
        for (long t = 0; t < count; t++) {
            __m512 key[MOST_SIZE / LANES];
            for (long k = 0; k < size / LANES; k++) key[k] = widened(keys + size * (begin + t) + LANES * k);
            for (long g = 0; g < group; g++) state->scores[g][t] = dot(state->queries[g], key, size);
        }
        weigh(state, group, count, size);
        add_values(state, group, values + size * begin, count, size);
    }
}

// The result of one head's queries: what was found in the row, and in the prompt by the share of its weight.
static void deliver(
    const State *state, long group, long size, const uint16_t *prompt, const float *prompt_weight, uint16_t *out) {
    for (long g = 0; g < group; g++) {
        const float weight = state->most[g] + logf(state->total[g]);
        const float share = prompt ? 1 / (1 + expf(prompt_weight[g] - weight)) : 1;
        const __m512 own = _mm512_set1_ps(share / state->total[g]), other = _mm512_set1_ps(1 - share);
        for (long k = 0; k < size; k += LANES) {
            __m512 sum = _mm512_mul_ps(_mm512_loadu_ps(state->sums[g] + k), own);
            if (prompt) sum = _mm512_fmadd_ps(widened(prompt + size * g + k), other, sum);
            store_rounded(out + size * g + k, sum);
        }
    }
}

// query, prompt, out: (rows, heads, group, size); keys, values: (more rows, heads, room, size), of which a row sees
// those up to its length and itself, at most `window` of them; prompt_weight: (rows, heads, group), logarithms of
// sums, or 0 with prompt for none. size is a multiple of 16; see MOST_SIZE and MOST_GROUP.
void attend(
    const uint16_t *query, const uint16_t *keys, const uint16_t *values, long rows, long heads, long group, long size,
    long room, const int64_t *lengths, long window, float scale, const uint16_t *prompt, const float *prompt_weight,
    uint16_t *out, int threads) {
    long all = 0;
    for (long row = 0; row < rows; row++) all += (lengths[row] + 1) * heads;
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (all > ALONE)
    for (long part = 0; part < rows * heads; part++) {
        State state;
        const long row = part / heads, end = lengths[row] + 1, first = end > window ? end - window : 0;
        const long at = part * group * size;
        attend_one(
            &state, query + at, keys + part * room * size, values + part * room * size, group, size, first, end, scale);
        deliver(
            &state, group, size, prompt ? prompt + at : 0, prompt ? prompt_weight + part * group : 0, out + at);
    }
}
