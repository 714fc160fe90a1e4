// libargon2 (Debian libargon2-dev): the reference implementation of Argon2id, RFC 9106.
#include <argon2.h>
