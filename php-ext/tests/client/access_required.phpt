--TEST--
A client without an access hook refuses each call that needs permission
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\Client;

$sim = new Sim();
$client = new Client($sim->config(['store' => ['sqlite' => temporary() . '/store']]));
foreach ([
    fn() => $client->pull(request($sim, system: true)),
    fn() => $client->checkMapping('j.doe', 'p1', MAPPING),
    fn() => $client->staged('j.doe', 'p1'),
    fn() => $client->adjudicate('j.doe', 'p1', '1', accept: ['key']),
    fn() => $client->signIn('sim', 'j.doe', SESSION, REDIRECT),
    fn() => $client->checkSource('j.doe', 'sim'),
    fn() => $client->discover('j.doe', $sim->iss),
] as $call) {
    shown($call);
}
$refusal = thrown(fn() => $client->staged('j.doe', 'p1'));
var_dump(str_contains($refusal->getHint(), 'access'));
?>
--EXPECT--
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
FhirEhr\Exception\AccessException access_refused 503
bool(true)
