--TEST--
Client::discover() and Client::checkSource(): calls of the administrator's page
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Access, Action, CheckStep, Discovery};

$sim = new Sim();
$old = new Sim('--fhir', 'dstu2');
$access = new class implements Access {
    public array $asked = [];

    public function allows(string $user, string $project, Action $action): bool
    {
        $this->asked[] = "$user '$project' $action->value";
        return $user === 'admin';
    }
};
$client = client($sim, access: $access);
$configured = $client->sources()[0];

echo "Auto-Find\n";
$found = $client->discover('admin', $sim->iss);
var_dump($found->authorizationEndpoint === $configured->authorizationEndpoint, $found->tokenEndpoint === $configured->tokenEndpoint);
echo "$found->foundIn $found->fhirVersion\n";
var_dump(in_array('launch-ehr', $found->capabilities, true), in_array('openid', $found->scopesSupported, true));
$found = $client->discover(user: 'admin', iss: "$old->iss/");
echo "$found->foundIn $found->fhirVersion ", count($found->capabilities), "\n";
shown(fn() => $client->discover('admin', 'http://ehr.example.org/fhir'));
shown(fn() => $client->discover('admin', "$sim->iss/nothing/here"));
shown(fn() => $client->discover('j.doe', $sim->iss));

echo "check\n";
$show = function (array $steps): void {
    foreach ($steps as $step) {
        echo "$step->name: $step->status: $step->text ", json_encode([$step->hint === null, $step->owner, $step->error]), "\n";
    }
};
$show($client->checkSource(user: 'admin', source: 'sim'));
$registrations = array_map(fn() => ['client_secret' => 'another-s3cret'], json_decode($sim->config(), true)['registrations']);
$show($wrong = client($sim, changes: ['registrations' => $registrations])->checkSource('admin', 'sim'));
$production = array_map(fn() => ['environments' => ['production']], $registrations);
$production = client($sim, changes: ['registrations' => $production, 'sources' => [['environment' => 'production']]]);
echo 'production: ', $production->checkSource('admin', 'sim')[2]->finding, "\n";
echo 'production, allowed: ', $production->checkSource('admin', 'sim', tryWrongSecret: true)[2]->finding, "\n";
var_dump(str_contains(print_r($wrong, true), 'another-s3cret'));
shown(fn() => $client->checkSource('admin', 'none'));
shown(fn() => $client->checkSource('j.doe', 'sim'));
echo implode(', ', array_unique($access->asked)), "\n";

echo "the server does not respond\n";
$gone = client($sim, changes: ['limits' => ['retries' => 0, 'request_seconds' => 2]]);
$sim->stop();
foreach (array_slice($gone->checkSource('admin', 'sim'), 0, 4) as $step) {
    echo "$step->name $step->status $step->error $step->owner\n";
}
foreach ([Discovery::class => $found, CheckStep::class => $step] as $name => $object) {
    shown(fn() => new $name());
    shown(fn() => clone $object);
    shown(fn() => serialize($object));
}
?>
--EXPECTF--
Auto-Find
bool(true)
bool(true)
smart-configuration r4
bool(true)
bool(true)
metadata dstu2 0
FhirEhr\Exception\ConfigurationException url_not_allowed 104
FhirEhr\Exception\ConnectionException discovery_failed 209
FhirEhr\Exception\AccessException access_refused 503
check
metadata: ok: The base URL answers and serves FHIR 4.0.1. [true,null,null]
endpoints: ok: The stored endpoints match the endpoints that the server publishes. [true,null,null]
client: ok: The EHR accepts the client id and secret of the registration sim-user. It answers a wrong secret differently. [true,null,null]
system_account: ok: The system account gets a token with all scopes. [true,null,null]
capabilities: %s
scopes: ok: The scopes of an EHR launch contain launch. [true,null,null]
redirect_uris: ok: The redirect URIs of the registration sim-user (%d) are absolute, use https or loopback, and have no fragment. [true,null,null]
resources: ok: The names in resources and policy are resource types of r4. [true,null,null]
secrets: ok: The secrets of this source's registrations can be read. [true,null,null]
keys: skipped: The registrations of this source use no key ring. [true,null,null]
vault: ok: The current vault key encrypts a test value and decrypts it again. All %d keys are different. [true,null,null]
ca_file: skipped: tls.ca_file is not set, so the certificates of the system are trusted. [true,null,null]
store: ok: The store saves a test record, returns it and deletes it. [true,null,null]
not_checked: skipped: Not checked: %s. [false,null,null]
metadata: ok: The base URL answers and serves FHIR 4.0.1. [true,null,null]
endpoints: ok: The stored endpoints match the endpoints that the server publishes. [true,null,null]
client: failed: The EHR does not accept the client id and secret of the registration sim-user. [false,"you","invalid_client"]
system_account: failed: The EHR does not accept the client id and secret of the registration sim-system. [false,"you","invalid_client"]
capabilities: %s
scopes: ok: The scopes of an EHR launch contain launch. [true,null,null]
redirect_uris: ok: The redirect URIs of the registration sim-user (%d) are absolute, use https or loopback, and have no fragment. [true,null,null]
resources: ok: The names in resources and policy are resource types of r4. [true,null,null]
secrets: ok: The secrets of this source's registrations can be read. [true,null,null]
keys: skipped: The registrations of this source use no key ring. [true,null,null]
vault: ok: The current vault key encrypts a test value and decrypts it again. All %d keys are different. [true,null,null]
ca_file: skipped: tls.ca_file is not set, so the certificates of the system are trusted. [true,null,null]
store: ok: The store saves a test record, returns it and deletes it. [true,null,null]
not_checked: skipped: Not checked: %s. [false,null,null]
production: client_not_compared
production, allowed: client_ok
bool(false)
FhirEhr\Exception\ConfigurationException source_not_found 102
FhirEhr\Exception\AccessException access_refused 503
admin '' configure, j.doe '' configure
the server does not respond
metadata failed network_unreachable network_team
endpoints failed network_unreachable network_team
client failed network_unreachable network_team
system_account failed network_unreachable network_team
Error
Error
Exception
Error
Error
Exception
