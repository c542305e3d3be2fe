// How weights and activations lie in memory; see grouped.c.

#include "numbers.h"

#define GROUP 32
#define TILE (2 * LANES)
#define QUADS (GROUP / 4)
#define STRETCH 16                      // groups that all rows pass at a time: 10 or 18 KiB, at most half of a first-level cache
#define ROWS 4                          // of activations in a block; with two vectors of outputs, 8 sums at a time
#define SCALES (4 * TILE)               // bytes of D and M in a group
#define INTEGERS (GROUP * TILE)         // bytes of a group that is unpacked
#define BLOCK (ROWS * (GROUP + 8))      // bytes of a group in a block of activations

extern int omp_get_thread_num(void);
