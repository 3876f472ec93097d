--TEST--
Client::launchView(), endLaunchView(), createHandoff(), redeemHandoff() and launches()
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{FhirContext, LaunchHandoff, LaunchLogEntry, LaunchView};

const STUDY = 'https://study.example/start?from=ehr';

$sim = new Sim();
$client = client($sim, changes: ['handoff_urls' => [['url' => STUDY, 'secret' => 'secret-of-study']]]);
$context = ['access_token' => 't', 'token_type' => 'Bearer', 'expires_in' => 3600, 'patient' => 'p1', 'refresh_token' => 'r',
    'fhirContext' => [['reference' => 'ImagingStudy/secret-id'], ['identifier' => ['system' => 's', 'value' => 'v'], 'type' => 'ServiceRequest', 'role' => 'urn:x']]];
$sim->fault('token-answer:' . json_encode($context, JSON_UNESCAPED_SLASHES));
$signIn = $client->handleLaunch(Sim::browser($client->signIn('sim', 'j.doe', SESSION, REDIRECT)), SESSION, REDIRECT)->signIn;

echo "context\n";
foreach ($signIn->context->fhirContext as $one) {
    echo json_encode(get_object_vars($one), JSON_UNESCAPED_SLASHES), "\n";
}
var_dump(str_contains(print_r($signIn, true), 'secret-id'), str_contains(print_r($signIn, true), $signIn->launchId));
var_dump($signIn->context->viewEndsAt >= time() + 3590);

echo "view\n";
$view = $client->launchView(user: 'j.doe', launchId: $signIn->launchId);
var_dump($view->open, $view->endsAt === $signIn->context->viewEndsAt, $view->endedBy);
var_dump($client->launchView('other', $signIn->launchId)->endedBy, $client->launchView('j.doe', 'x')->endedBy);

echo "handoff\n";
shown(fn() => $client->createHandoff('j.doe', $signIn->launchId, 'https://evil.example/'));
$url = $client->createHandoff(user: 'j.doe', launchId: $signIn->launchId, url: STUDY);
parse_str(parse_url($url, PHP_URL_QUERY), $query);
var_dump(str_starts_with($url, STUDY . '&handoff='), strlen($query['handoff']) >= 43);
shown(fn() => $client->redeemHandoff($query['handoff'], 'wrong'));
$redeemed = $client->redeemHandoff(handle: $query['handoff'], secret: 'secret-of-study');
var_dump($redeemed == $signIn, $redeemed->context->patient);
shown(fn() => $client->redeemHandoff($query['handoff'], 'secret-of-study'));

echo "left\n";
var_dump($client->endLaunchView('j.doe', $signIn->launchId), $client->launchView('j.doe', $signIn->launchId)->endedBy);
shown(fn() => $client->createHandoff('j.doe', $signIn->launchId, STUDY));

echo "launches\n";
shown(fn() => $client->handleLaunch('code=1&state=2', SESSION, REDIRECT));
$launches = $client->launches('admin');
usort($launches, static fn($one, $other) => strcmp($one->outcome, $other->outcome)); // both are of this second
foreach ($launches as $launch) {
    $vars = get_object_vars($launch);
    unset($vars['at'], $vars['handoffs']);
    echo json_encode($vars), "\n";
    foreach ($launch->handoffs as $handoff) {
        echo "$handoff->url ", $handoff->redeemedAt >= $handoff->createdAt ? 'redeemed' : 'not redeemed', "\n";
    }
}
$objects = [FhirContext::class => $one, LaunchView::class => $view, LaunchHandoff::class => $handoff, LaunchLogEntry::class => $launch];
foreach ($objects as $name => $object) {
    shown(fn() => new $name());
    shown(fn() => clone $object);
    shown(fn() => serialize($object));
}
?>
--EXPECT--
context
{"reference":"ImagingStudy/secret-id","canonical":null,"identifierSystem":null,"identifierValue":null,"type":"ImagingStudy","role":"launch"}
{"reference":null,"canonical":null,"identifierSystem":"s","identifierValue":"v","type":"ServiceRequest","role":"urn:x"}
bool(false)
bool(false)
bool(true)
view
bool(true)
bool(true)
NULL
string(12) "another_user"
string(7) "unknown"
handoff
FhirEhr\Exception\ConfigurationException handoff_url_not_allowed 110
bool(true)
bool(true)
FhirEhr\Exception\AuthorizationException handoff_foreign 223
bool(true)
string(2) "p1"
FhirEhr\Exception\AuthorizationException handoff_unknown 221
left
NULL
string(4) "left"
FhirEhr\Exception\AuthorizationException view_ended 220
launches
FhirEhr\Exception\AuthorizationException state_unknown 204
{"source":null,"kind":null,"outcome":"failed","error":"state_unknown","count":1,"accessToken":false,"patient":false,"encounter":false,"ehrUser":false,"refreshToken":false,"refreshTokenMissing":false}
{"source":"sim","kind":"standalone","outcome":"signed_in","error":null,"count":1,"accessToken":true,"patient":true,"encounter":false,"ehrUser":false,"refreshToken":true,"refreshTokenMissing":false}
https://study.example/start?from=ehr redeemed
Error
Error
Exception
Error
Error
Exception
Error
Error
Exception
Error
Error
Exception
