dnl An extension that does nothing, for comparison. Build it with phpize && ./configure && make

PHP_ARG_ENABLE([bench_empty],
  [whether to build the empty extension],
  [AS_HELP_STRING([--enable-bench_empty], [Build the empty extension])],
  [yes])

if test "$PHP_BENCH_EMPTY" != "no"; then
  BENCH_EMPTY_FLAGS="-std=gnu11 -Wall -Wextra -Werror -Wno-unused-parameter -fvisibility=hidden"
  PHP_NEW_EXTENSION([bench_empty], [bench_empty.c], [$ext_shared],, [$BENCH_EMPTY_FLAGS])
fi
