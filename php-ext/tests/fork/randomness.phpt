--TEST--
A fork after a launch: states, verifiers and nonces of all processes differ
--EXTENSIONS--
pcntl
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$sim = new Sim();
$client = client($sim);
$begin = function () use ($client) {
    parse_str(parse_url($client->signIn('sim', 'j.doe', SESSION, REDIRECT), PHP_URL_QUERY), $asked);
    return [$asked['state'], $asked['code_challenge'], $asked['nonce']];
};
$begin();
$folder = temporary();
$children = [];
for ($child = 0; $child < 8; $child++) {
    if (($pid = pcntl_fork()) === 0) {
        $drawn = [];
        for ($i = 0; $i < 5; $i++) {
            array_push($drawn, ...$begin());
        }
        file_put_contents("$folder/drawn-$child", implode("\n", $drawn));
        exit(0);
    }
    $children[] = $pid;
}
foreach ($children as $pid) {
    pcntl_waitpid($pid, $status);
}
$drawn = array_merge(...array_map(fn($child) => explode("\n", file_get_contents("$folder/drawn-$child")), range(0, 7)), ...[$begin()]);
var_dump(count($drawn), count(array_unique($drawn)), min(array_map(strlen(...), $drawn)) >= 43);
?>
--EXPECT--
int(123)
int(123)
bool(true)
