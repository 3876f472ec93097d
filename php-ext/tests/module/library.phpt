--TEST--
Libraries that do not fit: PHP starts with a warning and without the extension
--SKIPIF--
<?php
if (trim((string) shell_exec("command -v cc")) === "") {
    die("skip no C compiler");
}
?>
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$folder = temporary();
preg_match_all('~\bfhir_ehr_\w+~', file_get_contents(extension()), $found);
// The library functions in the extension's dynamic symbol table.
$required = array_filter(array_unique($found[0]), fn($name) => preg_match('~^fhir_ehr_(core|client|error|text|rows|sink|version|abi_level|field_catalog)(_|$)~', $name));
$build = function (int $level, string $without = '') use ($folder, $required): string {
    $code = "#include <stdlib.h>\n#include <stdint.h>\n";
    foreach ($required as $name) {
        $code .= match ($name) {
            $without => '',
            'fhir_ehr_version' => "const char *$name(void) { return \"9.9.9\"; }\n",
            'fhir_ehr_abi_level' => "uint32_t $name(void) { return $level; }\n",
            default => "void $name(void) { abort(); }\n",
        };
    }
    $place = "$folder/" . ($without ?: "level-$level");
    mkdir($place);
    file_put_contents("$place/stub.c", $code);
    exec("cc -shared -fPIC -Wl,-soname,libfhir_ehr.so.1 -o $place/libfhir_ehr.so.1 $place/stub.c 2>&1", $said, $status);
    echo $status === 0 ? '' : implode("\n", $said);
    return $place;
};
$probe = function (string $place): void {
    // The administrator's probe of a staged library (docs/php.md).
    $command = [PHP_BINARY, '-n', '-d', 'display_startup_errors=1', '-d', 'extension=' . extension(), '-r',
        'phpinfo(INFO_MODULES); exit(extension_loaded("fhir_ehr") ? 0 : 3);'];
    $process = proc_open($command, [['file', '/dev/null', 'r'], ['pipe', 'w'], ['redirect', 1]], $pipes, null, ['LD_LIBRARY_PATH' => $place]);
    $said = stream_get_contents($pipes[1]);
    echo 'exit code ', proc_close($process), ': ';
    preg_match('~undefined symbol: \w+|has ABI level.*|Library version => .*~', $said, $found);
    echo $found[0] ?? substr($said, 0, 300), "\n";
};
echo "at module start, shutdown and in phpinfo() only pure functions run: all others abort\n";
$probe($build(1));
echo "a later library\n";
$probe($build(2));
echo "an earlier library\n";
$probe($build(0));
echo "a library without one function\n";
$probe($build(1, 'fhir_ehr_client_staged'));
?>
--EXPECT--
at module start, shutdown and in phpinfo() only pure functions run: all others abort
exit code 0: Library version => 9.9.9
a later library
exit code 0: Library version => 9.9.9
an earlier library
exit code 3: has ABI level 0, but this extension needs level 1. Install the library in the extension's version or a newer one. in Unknown on line 0
a library without one function
exit code 3: undefined symbol: fhir_ehr_client_staged
