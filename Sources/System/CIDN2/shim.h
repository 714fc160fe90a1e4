// libidn2 (Debian libidn2-dev): IDNA 2008 host names, RFC 5891 and UTS 46.
#include <idn2.h>
