// xxHash (Debian libxxhash-dev): XXH3-64, the hash of tokens and block checksums.
#include <xxhash.h>
