dnl phpize && ./configure [--with-fhir_ehr=PREFIX] [--enable-fhir_ehr-werror] && make && make test

PHP_ARG_WITH([fhir_ehr],
  [for fhir_ehr support],
  [AS_HELP_STRING([[--with-fhir_ehr[=PREFIX]]],
    [Include fhir_ehr support. PREFIX is where libfhir_ehr is installed, if pkg-config does not find it])],
  [yes])

PHP_ARG_ENABLE([fhir_ehr-werror],
  [whether to treat warnings as errors],
  [AS_HELP_STRING([--enable-fhir_ehr-werror], [fhir_ehr: treat compiler warnings as errors, for its own tests])],
  [no], [no])

if test "$PHP_FHIR_EHR" != "no"; then
  if test "$PHP_FHIR_EHR" != "yes"; then
    if test ! -r "$PHP_FHIR_EHR/lib/pkgconfig/fhir_ehr.pc"; then
      AC_MSG_ERROR([lib/pkgconfig/fhir_ehr.pc is missing in $PHP_FHIR_EHR])
    fi
    PKG_CONFIG_PATH="$PHP_FHIR_EHR/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
    export PKG_CONFIG_PATH
  fi
  PKG_CHECK_MODULES([FHIR_EHR], [fhir_ehr >= 0.1.0])
  FHIR_EHR_HEADER=`$PKG_CONFIG --variable=library_version fhir_ehr`
  PHP_EVAL_INCLINE([$FHIR_EHR_CFLAGS])
  PHP_EVAL_LIBLINE([$FHIR_EHR_LIBS], [FHIR_EHR_SHARED_LIBADD])
  PHP_SUBST([FHIR_EHR_SHARED_LIBADD])

  dnl phpize links lazily: if the library lacks a function, a request would end with exit code 127.
  dnl With binding at start, PHP prints a warning and runs without the extension (pitfall 10).
  EXTRA_LDFLAGS="$EXTRA_LDFLAGS -Wl,-z,now"
  PHP_SUBST([EXTRA_LDFLAGS])

  FHIR_EHR_FLAGS="-std=gnu11 -Wall -Wextra -Wclobbered -Wno-unused-parameter -fvisibility=hidden"
  FHIR_EHR_FLAGS="$FHIR_EHR_FLAGS -DFHIR_EHR_HEADER_VERSION=\\\"$FHIR_EHR_HEADER\\\""
  FHIR_EHR_FLAGS="$FHIR_EHR_FLAGS -DZEND_ENABLE_STATIC_TSRMLS_CACHE=1"
  if test "$PHP_FHIR_EHR_WERROR" = "yes"; then
    FHIR_EHR_FLAGS="$FHIR_EHR_FLAGS -Werror"
  fi

  FHIR_EHR_SOURCES="php_fhir_ehr.c"
  for FHIR_EHR_FILE in "$srcdir"/src/*.c "$srcdir"/src/FhirEhr/*.c "$srcdir"/src/FhirEhr/Exception/*.c; do
    FHIR_EHR_SOURCES="$FHIR_EHR_SOURCES ${FHIR_EHR_FILE#"$srcdir"/}"
  done
  PHP_NEW_EXTENSION([fhir_ehr], [$FHIR_EHR_SOURCES], [$ext_shared],, [$FHIR_EHR_FLAGS])
  PHP_ADD_EXTENSION_DEP(fhir_ehr, json)
  PHP_ADD_EXTENSION_DEP(fhir_ehr, spl)
  PHP_ADD_BUILD_DIR([$ext_builddir/src/FhirEhr/Exception], [1])
fi
