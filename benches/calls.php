<?php

// Measures calls of the extension without I/O, and compares them with calls of an empty extension.
// Argument: CONFIG. Prints one line per call: name, nanoseconds, nanoseconds of the empty call, separated by tabs.

declare(strict_types=1);

use BenchEmpty\Nothing;
use FhirEhr\Client;

const BATCHES = 101;
const CALLS = 1000;

function median(array $values): float
{
    sort($values);
    return $values[intdiv(count($values), 2)];
}

/** Nanoseconds for one call. $work makes CALLS calls, so that the cost of the closure does not matter. */
function batch(Closure $work): float
{
    $start = hrtime(true);
    $work();
    return (hrtime(true) - $start) / CALLS;
}

/** The batches of both extensions alternate, so that other load on the machine affects both. */
function measure(string $name, Closure $call, Closure $emptyCall): void
{
    $times = [[], []];
    for ($number = 0; $number < BATCHES; $number++) {
        $times[0][] = batch($call);
        $times[1][] = batch($emptyCall);
    }
    printf("%s\t%.1f\t%.1f\n", $name, ...array_map(median(...), $times));
}

$config = file_get_contents($argv[1]);
$client = new Client($config);
$nothing = new Nothing('');
try {
    $client->scopes('no such source');
} catch (FhirEhr\Exception\Exception $thrown) {
}

measure(
    'FhirEhr\version()',
    static function (): void { for ($i = 0; $i < CALLS; $i++) { FhirEhr\version(); } },
    static function (): void { for ($i = 0; $i < CALLS; $i++) { BenchEmpty\version(); } },
);
measure(
    'Exception::getName()',
    static function () use ($thrown): void { for ($i = 0; $i < CALLS; $i++) { $thrown->getName(); } },
    static function () use ($nothing): void { for ($i = 0; $i < CALLS; $i++) { $nothing->getName(); } },
);
measure(
    'Client::scopes()',
    static function () use ($client): void { for ($i = 0; $i < CALLS; $i++) { $client->scopes('sim'); } },
    static function () use ($nothing): void { for ($i = 0; $i < CALLS; $i++) { $nothing->list('sim'); } },
);
measure(
    'new Client(), a known configuration',
    static function () use ($config): void { for ($i = 0; $i < CALLS; $i++) { new Client($config); } },
    static function () use ($config): void { for ($i = 0; $i < CALLS; $i++) { new Nothing($config); } },
);
