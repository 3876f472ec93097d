--TEST--
Invalid configurations: the error, and that it contains no secret
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\Client;

ini_set('zend.exception_ignore_args', '0');
shown(fn() => new Client(''));
shown(fn() => new Client('[]'));
shown(fn() => new Client("\xff"));
$thrown = thrown(fn() => new Client('{"registrations": [{"client_secret": 12345678}]}'));
echo $thrown->getMessage(), "\n", $thrown->getOwner(), ' ', $thrown->getRetry(), ' ', $thrown->getStage(), "\n";
$thrown = thrown(fn() => new Client('{"correct-horse": "battery-staple"}'));
var_dump(str_contains((string) $thrown, 'battery'), str_contains(print_r($thrown->getTrace()[0], true), 'SensitiveParameterValue'));

$sim = new Sim();
$noKey = new Client($sim->config(['vault' => ['index_key' => 'env:FHIR_EHR_NOT_SET'], 'store' => ['sqlite' => '/none/x']]), access: new AllowAll());
shown(fn() => $noKey->purgeExpired());
shown(fn() => (new Client($sim->config(), access: new AllowAll()))->purgeExpired());
shown(fn() => client($sim)->__construct('{}'));
shown(fn() => new Client());
shown(fn() => new Client('{}', store: new stdClass()));

echo "caps from php.ini\n";
foreach ([[], ['limits' => ['pull_seconds' => 500]], ['limits' => ['response_bytes' => 1 << 30]]] as $changes) {
    var_dump(count(client($sim, changes: $changes)->scopes('sim')));
}
shown(fn() => client($sim, changes: ['limits' => ['pull_seconds' => 'x']]));
?>
--EXPECT--
FhirEhr\Exception\ConfigurationException config_invalid 101
FhirEhr\Exception\ConfigurationException config_invalid 101
FhirEhr\Exception\RequestException request_invalid 502
The configuration document is not valid. (registrations[0].client_secret: a value has the wrong type, line 1, column 45)
you never configuration
bool(false)
bool(true)
FhirEhr\Exception\ConfigurationException secret_unavailable 103
FhirEhr\Exception\ConfigurationException config_invalid 101
Error
ArgumentCountError
TypeError
caps from php.ini
int(3)
int(3)
int(3)
FhirEhr\Exception\ConfigurationException config_invalid 101
