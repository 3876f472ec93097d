--TEST--
A configuration in the application's database: all workers use a change without a restart
--SKIPIF--
<?php
if (!class_exists('SQLite3') && !is_file(PHP_EXTENSION_DIR . '/sqlite3.so')) {
    die('skip no sqlite3');
}
?>
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';
require __DIR__ . '/../utils/server.inc';

$sim = new Sim();
$servers = new Servers();
$environment = application($sim);
$document = json_decode(file_get_contents($environment['FHIR_EHR_TEST_CONFIG']), true);
$file = temporary() . '/application.sqlite';
// run-tests.php sets extension_dir to the folder of this build; PHP's own extensions are elsewhere.
$sqlite = class_exists('SQLite3') ? [] : ['extension' => PHP_EXTENSION_DIR . '/sqlite3.so'];
// The application writes its settings in a separate PHP process.
$write = function (array $document) use ($file, $sqlite): void {
    $script = '$d = new SQLite3($argv[1]); $d->busyTimeout(5000); $d->exec("CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, text TEXT)");'
        . '$s = $d->prepare("REPLACE INTO settings VALUES (\'fhir_ehr\', ?)"); $s->bindValue(1, $argv[2]); $s->execute();';
    $command = [...php($sqlite), '-r', $script, '--', $file, json_encode($document)];
    proc_close(proc_open($command, [], $pipes, null, environment()));
};
$write($document);
$base = serve($servers, ['FHIR_EHR_TEST_DATABASE' => $file, 'PHP_CLI_SERVER_WORKERS' => '3'], $sqlite);

/** The scopes by process id, of all workers that answer these requests. */
$scopesByProcess = function (int $requests) use ($base): array {
    $found = [];
    for ($i = 0; $i < $requests; $i++) {
        $process = json_decode(get("$base/scopes")[1], true);
        $found[$process['pid']][json_encode($process['scopes'])] = true;
    }
    return $found;
};
$before = [];
for ($i = 0; $i < 60 && count($before) < 2; $i++) {
    $before += $scopesByProcess(5);
}
$document['sources'][0]['resources'] = ['Patient'];
$write($document);
$after = [];
for ($i = 0; $i < 60 && count(array_intersect_key($after, $before)) < 2; $i++) {
    foreach ($scopesByProcess(5) as $pid => $scopes) {
        $after[$pid] = ($after[$pid] ?? []) + $scopes;
    }
}
$same = array_intersect_key($after, $before);
echo 'workers that answered before and after: ', count($same) >= 2 ? 'at least two' : count($same), "\n";
$scopeLists = array_unique(array_merge(...array_map(array_keys(...), array_values($after))));
echo 'scopes after the change: ', count($scopeLists), ' list, ', str_contains($scopeLists[0], 'Observation') ? 'old' : 'new', "\n";
echo 'before it: ', str_contains(key(current($before)), 'Observation') ? 'old' : 'new', "\n";
?>
--EXPECT--
workers that answered before and after: at least two
scopes after the change: 1 list, new
before it: old
