// libuv (Debian libuv1-dev): event loops, sockets and timers; well kept and portable.
#include <uv.h>
