// zlib (Debian zlib1g-dev): gzip of HTTP answers.
#include <zlib.h>
