#include "include/CIntrinsics.h"

#include <pthread.h>
#include <string.h>

static _Thread_local void *current_loop;

void *apus_current_loop(void) { return current_loop; }
void apus_set_current_loop(void *loop) { current_loop = loop; }

#define POLYNOMIAL 0x82f63b78u  // 0x1EDC6F41 with its bits reversed

static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void make_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) ? POLYNOMIAL : 0);
        table[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++)
            table[k][i] = (table[k - 1][i] >> 8) ^ table[0][table[k - 1][i] & 255];
}

uint32_t apus_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
    pthread_once(&table_once, make_table);
    const uint8_t *p = bytes;
    crc = ~crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        word ^= crc;
        crc = table[7][word & 255] ^ table[6][(word >> 8) & 255] ^ table[5][(word >> 16) & 255] ^
              table[4][(word >> 24) & 255] ^ table[3][(word >> 32) & 255] ^
              table[2][(word >> 40) & 255] ^ table[1][(word >> 48) & 255] ^ table[0][word >> 56];
        p += 8;
        count -= 8;
    }
    while (count--) crc = (crc >> 8) ^ table[0][(crc ^ *p++) & 255];
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

// Three independent streams hide the instruction's latency of three cycles. The partial
// sums are joined by shifting over `STRIDE` zero bytes: a linear map over GF(2), as a table.
#define STRIDE 1024
static uint32_t shift_table[4][256];
static pthread_once_t shift_once = PTHREAD_ONCE_INIT;

static uint32_t over_zeros(uint32_t crc) {
    for (int i = 0; i < STRIDE; i++) crc = (crc >> 8) ^ table[0][crc & 255];
    return crc;
}
static void make_shift(void) {
    pthread_once(&table_once, make_table);
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 0; k < 4; k++) shift_table[k][i] = over_zeros(i << (8 * k));
}
static inline uint32_t shift(uint32_t crc) {
    return shift_table[0][crc & 255] ^ shift_table[1][(crc >> 8) & 255] ^
           shift_table[2][(crc >> 16) & 255] ^ shift_table[3][crc >> 24];
}
static inline uint64_t word_at(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

__attribute__((target("sse4.2"))) static uint32_t with_sse(
    uint32_t start, const uint8_t *p, size_t count) {
    uint64_t crc = ~start;
    if (count >= 3 * STRIDE) pthread_once(&shift_once, make_shift);
    while (count >= 3 * STRIDE) {
        uint64_t b = 0, c = 0;
        for (size_t i = 0; i < STRIDE; i += 8) {
            crc = _mm_crc32_u64(crc, word_at(p + i));
            b = _mm_crc32_u64(b, word_at(p + STRIDE + i));
            c = _mm_crc32_u64(c, word_at(p + 2 * STRIDE + i));
        }
        crc = shift((uint32_t)crc) ^ b;
        crc = shift((uint32_t)crc) ^ c;
        p += 3 * STRIDE;
        count -= 3 * STRIDE;
    }
    for (; count >= 8; p += 8, count -= 8) crc = _mm_crc32_u64(crc, word_at(p));
    uint32_t last = (uint32_t)crc;
    for (; count > 0; p++, count--) last = _mm_crc32_u8(last, *p);
    return ~last;
}
#endif

uint32_t apus_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return with_sse(crc, bytes, count);
#endif
    return apus_crc32c_portable(crc, bytes, count);
}
