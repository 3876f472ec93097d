--TEST--
One process keeps serving after fatal errors in hooks, and leaks nothing
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';
require __DIR__ . '/../utils/server.inc';

$sim = new Sim();
$servers = new Servers();
$base = serve($servers, application($sim, arrayStore: true));
echo launch_over_http($base, $sim), "\n";
$mrn = $sim->patient()['mrn'];
$pull = "mrn=" . urlencode($mrn);
echo get("$base/pull?$pull")[1], "\n";
foreach (['user', 'compile', 'memory', 'exception'] as $how) {
    $answer = get("$base/fatal?$pull&how=$how");
    preg_match('~Fatal error: .{11}~', $answer[1], $found);
    echo $found[0] ?? '?', ' -> ', get("$base/pull?$pull")[1], "\n";
}
$expired = function (string $how) use ($sim, $base, $pull) {
    $sim->control('expire-tokens', []);
    return get("$base/fatal-in-pull?$pull&how=$how");
};
$expired('user');
$before = process($base);
for ($i = 0; $i < 15; $i++) {
    foreach (['user', 'compile', 'exception'] as $how) {
        if (!str_contains($expired($how)[1], 'Fatal error')) {
            echo "no fatal\n";
        }
    }
}
echo get("$base/pull?$pull")[1], "\n";
$after = process($base);
var_dump($after['pid'] === $before['pid'], $after['files'] <= $before['files'] + 4, $after['threads'] <= 2);
echo $after['kilobytes'] - $before['kilobytes'] < 4000 ? "memory kept\n" : "memory lost: {$before['kilobytes']} -> {$after['kilobytes']}\n";

echo "a Fiber is suspended in a hook when the request ends with a fatal error\n";
$sim->control('expire-tokens', []);
for ($i = 0; $i < 3; $i++) {
    echo substr(get("$base/parked?$pull")[1], 0, 19), ' -> ', get("$base/pull?$pull&system=1")[1], "\n";
}
var_dump(process($base)['pid'] === $before['pid']);
?>
--EXPECTF--
signed in: j.doe
rows: %d
Fatal error: a fatal in  -> rows: %d
Fatal error: Class B can -> rows: %d
Fatal error: Allowed mem -> rows: %d
Fatal error: Uncaught Do -> rows: %d
rows: %d
bool(true)
bool(true)
bool(true)
memory kept
a Fiber is suspended in a hook when the request ends with a fatal error
Fatal error: parked -> rows: %d
Fatal error: parked -> rows: %d
Fatal error: parked -> rows: %d
bool(true)
