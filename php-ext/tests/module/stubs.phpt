--TEST--
The IDE stub matches Reflection
--FILE--
<?php

$files = [dirname(__DIR__, 2) . '/php/stubs/fhir_ehr.php', dirname(__DIR__) . '/utils/reflect.inc'];
require $files[1];
$extension = reflect_all();
$code = 'require ' . var_export($files[0], true) . '; require ' . var_export($files[1], true) . '; echo reflect_all();';
$command = [PHP_BINARY, '-n', '-r', $code];
$process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
$stub = stream_get_contents($pipes[1]);
proc_close($process);
var_dump(substr_count($extension, "\nclass ") + substr_count($extension, "\nenum ") + substr_count($extension, "\ninterface "));
foreach (array_diff(explode("\n", $extension), explode("\n", $stub)) as $line) {
    echo "only in the extension: $line\n";
}
foreach (array_diff(explode("\n", $stub), explode("\n", $extension)) as $line) {
    echo "only in the stub: $line\n";
}
var_dump($extension === $stub);
?>
--EXPECT--
int(56)
bool(true)
