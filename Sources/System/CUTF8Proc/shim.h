// utf8proc (Debian libutf8proc-dev): Unicode folding and normal forms.
#include <utf8proc.h>
