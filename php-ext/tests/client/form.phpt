--TEST--
Client::startSignIn(), LaunchResultKind::Form, Client::approveEndpoints() and Client::registrationSheet()
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\LaunchResultKind;

$sim = new Sim();
$client = client($sim);
$start = $client->startSignIn(source: 'sim', user: 'j.doe', session: SESSION, redirectUri: REDIRECT);
var_dump($start->kind === LaunchResultKind::Redirect, str_contains($start->url, 'code_challenge='), $start->formFields);

$post = client($sim, changes: ['sources' => [['policy' => ['authorize_method' => 'post']]]]);
$start = $post->startSignIn('sim', 'j.doe', SESSION, REDIRECT);
var_dump($start->kind === LaunchResultKind::Form, $start->url === $client->sources()[0]->authorizationEndpoint);
echo implode(' ', array_keys($start->formFields)), "\n";
var_dump(str_contains(print_r($start, true), $start->formFields['state']));
shown(fn() => $post->signIn('sim', 'j.doe', SESSION, REDIRECT));
// The simulator accepts the same parameters in a URL.
$result = $post->handleLaunch(Sim::browser($start->url . '?' . http_build_query($start->formFields)), SESSION, REDIRECT);
echo $result->kind->value, ' ', $result->signIn->user, "\n";

$approved = $client->approveEndpoints(user: 'admin', source: 'sim');
var_dump($approved['token_endpoint'] === $client->sources()[0]->tokenEndpoint);
shown(fn() => $client->approveEndpoints('admin', 'none'));

$sheet = $client->registrationSheet(source: 'sim', launchUrl: REDIRECT, jwksUrl: 'https://app.example/jwks');
echo $sheet['source'], ' ', implode(' ', array_column($sheet['entries'], 'name')), "\n";
var_dump(array_column($sheet['entries'], 'values', 'name')['redirect_uris'] === $client->sources()[0]->redirectUris);
echo count($client->registrationSheet('sim', REDIRECT)['entries']), "\n";
shown(fn() => $client->registrationSheet('sim', 'http://app.example/'));
shown(fn() => $client->registrationSheet('none', REDIRECT));
?>
--EXPECT--
bool(true)
bool(true)
NULL
bool(true)
bool(true)
aud client_id code_challenge code_challenge_method nonce redirect_uri response_type scope state
bool(false)
FhirEhr\Exception\RequestException request_invalid 502
signed_in j.doe
bool(true)
FhirEhr\Exception\ConfigurationException source_not_found 102
sim launch_url redirect_uris jwks_url application_type scopes_launch scopes_standalone scopes_system
bool(true)
6
FhirEhr\Exception\ConfigurationException url_not_allowed 104
FhirEhr\Exception\ConfigurationException source_not_found 102
