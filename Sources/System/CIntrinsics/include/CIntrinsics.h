// What Swift cannot say itself: the processor's CRC32C instruction on whole blocks, and the
// thread-local pointer by which code finds the loop that it runs on. No logic.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC32C (Castagnoli, RFC 3720 B.4) of `count` bytes, continuing from `crc` (0 to begin).
uint32_t apus_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The table-driven form, for processors without SSE4.2 and for tests of the other one.
uint32_t apus_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

/// The loop of this thread, or NULL.
void *apus_current_loop(void);
void apus_set_current_loop(void *loop);
