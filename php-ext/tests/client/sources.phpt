--TEST--
Client::sources(): the configured sources, without their secrets
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Client, Environment, Source};

$sim = new Sim();
$changes = ['sources' => [['name' => 'Main <b>', 'frame_ancestors' => ['https://ehr.example.org', 'https://*.example.org:8443']]]];
$sources = client($sim, changes: $changes)->sources();
var_dump(array_is_list($sources), count($sources));
[$source] = $sources;
echo "$source->id $source->name $source->fhirVersion {$source->environment->value} $source->vendor\n";
var_dump($source->iss === $sim->iss, $source->systemAccount);
var_dump($source->redirectUris, $source->frameAncestors, $source->mrnSystems);
echo preg_replace('~\d{4,5}~', 'PORT', get_debug_type($source->authorizationEndpoint) . ' ' . get_debug_type($source->tokenEndpoint)), "\n";
$secrets = array_column(json_decode($sim->config(), true)['registrations'], 'client_secret');
foreach (array_filter($secrets) as $secret) {
    var_dump(str_contains(print_r($sources, true), $secret));
}
echo "a source without endpoints and name\n";
$document = json_decode($sim->config(), true);
unset($document['sources'][0]['authorization_endpoint'], $document['sources'][0]['token_endpoint'], $document['sources'][0]['name']);
[$source] = (new Client(json_encode($document)))->sources();
var_dump($source->name, $source->authorizationEndpoint, $source->tokenEndpoint, $source->frameAncestors);
echo "an origin that is not valid\n";
$thrown = thrown(fn() => client($sim, changes: ['sources' => [['frame_ancestors' => ['https://x.example/; y']]]]));
echo $thrown->getName(), ': ', $thrown->getMessage(), "\n";
echo "the result is the same without the EHR\n";
$client = client($sim);
$sim->stop();
var_dump($client->sources()[0]->id);
?>
--EXPECT--
bool(true)
int(1)
sim Main <b> r4 sandbox smart
bool(true)
bool(true)
array(2) {
  [0]=>
  string(25) "http://127.0.0.1/callback"
  [1]=>
  string(27) "https://app.example/ehr.php"
}
array(2) {
  [0]=>
  string(23) "https://ehr.example.org"
  [1]=>
  string(26) "https://*.example.org:8443"
}
array(1) {
  [0]=>
  string(33) "urn:oid:2.16.840.1.113883.19.5.99"
}
string string
bool(false)
bool(false)
a source without endpoints and name
string(3) "sim"
NULL
NULL
array(0) {
}
an origin that is not valid
config_invalid: The configuration document is not valid. (source sim: frame_ancestors: https://x.example/;%20y: it has a path or a character that an origin cannot have)
the result is the same without the EHR
string(3) "sim"
