--TEST--
Client::signIn(): a sign-in that starts in the application
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\LaunchResultKind;

$sim = new Sim();
$client = client($sim);
$address = $client->signIn(source: 'sim', user: 'j.doe', session: SESSION, redirectUri: REDIRECT);
$query = Sim::browser($address);
shown(fn() => $client->handleLaunch($query, 'another session', REDIRECT));
$result = $client->handleLaunch(Sim::browser($client->signIn('sim', 'j.doe', SESSION, REDIRECT)), SESSION, REDIRECT);
var_dump($result->kind === LaunchResultKind::SignedIn, $result->signIn->user, $result->source, $result->handover, $result->url);
shown(fn() => $client->signIn('none', 'j.doe', SESSION, REDIRECT));
shown(fn() => $client->signIn('sim', 'j.doe', SESSION, 'https://elsewhere.example/'));
shown(fn() => $client->signIn('sim', "\xff", SESSION, REDIRECT));

echo "no session text: session_start() was forgotten\n";
foreach (['', " \t"] as $session) {
    shown(fn() => $client->signIn('sim', 'j.doe', $session, REDIRECT));
    shown(fn() => $client->handleLaunch('iss=x&launch=1', $session, REDIRECT));
    shown(fn() => $client->finishLogin('never issued', $session, 'j.doe'));
}
echo thrown(fn() => $client->signIn('sim', 'j.doe', session_id(), REDIRECT))->getHint(), "\n";

echo "the EHR session belongs to another person\n";
launch($client, $sim, 'j.doe');
$callback = Sim::browser($client->signIn('sim', 'other', SESSION, REDIRECT));
shown(fn() => $client->handleLaunch($callback, SESSION, REDIRECT));

echo "callbacks that do not belong to this application\n";
shown(fn() => $client->handleLaunch('', SESSION, REDIRECT));
shown(fn() => $client->handleLaunch('code=1', SESSION, REDIRECT));
shown(fn() => $client->handleLaunch('code=1&state=2', SESSION, REDIRECT));
shown(fn() => $client->handleLaunch('iss=https://other.example/fhir&launch=1', SESSION, REDIRECT));
shown(fn() => $client->handleLaunch('iss=x&launch=1&code=2&state=3', SESSION, REDIRECT));
shown(fn() => $client->finishLogin('never issued', SESSION, 'j.doe'));
parse_str(parse_url($client->signIn('sim', 'j.doe', SESSION, REDIRECT), PHP_URL_QUERY), $asked);
shown(fn() => $client->handleLaunch(http_build_query(['error' => 'access_denied', 'state' => $asked['state']]), SESSION, REDIRECT));
?>
--EXPECT--
FhirEhr\Exception\AuthorizationException state_foreign 205
bool(true)
string(5) "j.doe"
string(3) "sim"
NULL
NULL
FhirEhr\Exception\ConfigurationException source_not_found 102
FhirEhr\Exception\ConfigurationException redirect_uri_not_registered 106
FhirEhr\Exception\RequestException request_invalid 502
no session text: session_start() was forgotten
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
FhirEhr\Exception\RequestException request_invalid 502
Pass a text that names the browser's session. In PHP, call session_start() before session_id().
the EHR session belongs to another person
FhirEhr\Exception\AuthorizationException ehr_user_of_another 213
callbacks that do not belong to this application
FhirEhr\Exception\AuthorizationException launch_empty 202
FhirEhr\Exception\AuthorizationException state_missing 203
FhirEhr\Exception\AuthorizationException state_unknown 204
FhirEhr\Exception\ConfigurationException source_not_found 102
FhirEhr\Exception\AuthorizationException launch_ambiguous 201
FhirEhr\Exception\AuthorizationException handover_unknown 211
FhirEhr\Exception\AuthorizationException authorization_denied 207
