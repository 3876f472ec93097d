--TEST--
Client::checkMapping(), Client::scopes() and Client::minimumScopes()
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$sim = new Sim();
$client = client($sim);
var_dump($client->checkMapping('j.doe', 'p1', MAPPING));
var_dump($client->checkMapping(user: 'j.doe', project: 'p1', csv: MAPPING . "birthDate,,dob,,,\n"));
$thrown = thrown(fn() => $client->checkMapping('j.doe', 'p1', HEADER . "brithDate,,dob,,,\n"));
echo $thrown::class, ': ', $thrown->getMessage(), ' ', $thrown->getHint(), "\n";
echo implode(' ', array_keys($client->scopes('sim'))), ' ', $client->scopes('sim')['system'][0], "\n";
var_dump(in_array('launch', $client->scopes('sim')['launch'], true), in_array('launch', $client->scopes('sim')['standalone'], true));
shown(fn() => $client->scopes('none'));
$config = json_decode($sim->config(), true);
$config['sources'][0]['resources'] = ['Observation', 'Patient', 'Encounter'];
$config['store'] = ['sqlite' => temporary() . '/few'];
$few = new FhirEhr\Client(json_encode($config), access: new AllowAll());
$minimum = $few->minimumScopes('sim', HEADER . "allergy-list,,a,,,\n");
echo implode(' ', $minimum['scopes_launch']), "\n", implode(' ', $minimum['not_covered']), "\n", implode("\n", $minimum['warnings']), "\n";
shown(fn() => $client->minimumScopes('none', MAPPING));
shown(fn() => $client->minimumScopes('sim', 'x'));
?>
--EXPECT--
array(0) {
}
array(1) {
  [0]=>
  string(51) "line 5: it repeats an earlier line and was not used"
}
FhirEhr\Exception\MappingException: The mapping is not valid. (line 2: unknown field brithDate) Did you mean birthDate (Date of birth)?
launch standalone system system/Patient.read
bool(true)
bool(false)
FhirEhr\Exception\ConfigurationException source_not_found 102
openid fhirUser launch user/Patient.read user/AllergyIntolerance.read online_access
AllergyIntolerance
The scopes of the source do not cover AllergyIntolerance, which the mapping needs. Add the types to resources, and register the scopes.
The mapping does not need the scopes for Encounter, Observation. Remove the types from resources unless another mapping uses them.
FhirEhr\Exception\ConfigurationException source_not_found 102
FhirEhr\Exception\MappingException mapping_invalid 501
