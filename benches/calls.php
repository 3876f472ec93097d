<?php

// What calls of the extension cost that do no I/O, side by side with the same of an empty extension.
// Argument: CONFIG. Prints lines of: name, nanoseconds, nanoseconds of the empty one, with tabs between.

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

/** Nanoseconds for one call; $work makes CALLS of them, so that no call of a closure is counted in. */
function batch(Closure $work): float
{
    $began = hrtime(true);
    $work();
    return (hrtime(true) - $began) / CALLS;
}

/** Batches of both take turns, so that whatever else runs here meets both. */
function measure(string $name, Closure $ours, Closure $empty): void
{
    $took = [[], []];
    for ($number = 0; $number < BATCHES; $number++) {
        $took[0][] = batch($ours);
        $took[1][] = batch($empty);
    }
    printf("%s\t%.1f\t%.1f\n", $name, ...array_map(median(...), $took));
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
