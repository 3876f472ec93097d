--TEST--
The exceptions: one interface, one class tree, stable codes, and a class for each code
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

foreach (['Runtime', 'Connection', 'Timeout', 'Authorization', 'Fhir', 'Patient', 'Request', 'Staging', 'Store', 'Configuration', 'Mapping', 'Access', 'Internal'] as $name) {
    $class = new ReflectionClass("FhirEhr\\Exception\\{$name}Exception");
    echo $class->getShortName(), ' < ', $class->getParentClass()->getName(), $class->isFinal() ? ' (final)' : '', $class->implementsInterface(FhirEhr\Exception\Exception::class) ? '' : ' WITHOUT THE INTERFACE', "\n";
}
var_dump((new ReflectionClass(FhirEhr\Exception\Exception::class))->implementsInterface(Throwable::class));

echo "an application may throw these exceptions in its hooks\n";
$mine = new FhirEhr\Exception\StoreException('the cluster is away', 5);
var_dump($mine->getName(), $mine->getHint(), $mine->getRetryAfter(), $mine->getMessage());
$store = new ArrayStore();
$store->before = fn() => throw $mine;
$sim = new Sim();
var_dump(thrown(fn() => client($sim, $store)->purgeExpired()) === $mine);

echo "all getters\n";
$client = client($sim, changes: ['limits' => ['retries' => 0]]);
launch($client, $sim);
$sim->fault('fhir-status:429', 'retry-after:3');
$thrown = thrown(fn() => $client->pull(request($sim)));
foreach (['getName', 'getCode', 'getStage', 'getOwner', 'getRetry', 'getRetryAfter', 'getHttpStatus', 'getVendorCode', 'getCorrelationId', 'getHint', 'getMessage'] as $method) {
    echo "$method: ", json_encode($thrown->$method()), "\n";
}
echo "an error of Oracle's authorization server\n";
$oracle = new Sim('--personality', 'oracle');
$refused = client($oracle, new ArrayStore());
$oracle->fault('oracle-error:oauth2:grant:unauthorized-client-for-tenant');
$thrown = thrown(fn() => launch($refused, $oracle));
foreach (['getName', 'getOwner', 'getRetry', 'getVendorCode', 'getCause'] as $method) {
    echo "$method: ", json_encode($thrown->$method()), "\n";
}
var_dump($thrown->getVendorClientId() !== null, $thrown->getVendorTenant() !== null);
var_dump(str_starts_with($thrown->getVendorLink(), 'https://authorization.cerner.com/errors/'));
var_dump(str_contains($thrown->getTicket(), "\nTenant: {$thrown->getVendorTenant()}\nCorrelation id: {$thrown->getCorrelationId()}\n"));
shown(fn() => unserialize(serialize($thrown)));
ini_set('zend.exception_ignore_args', '0');
$thrown = thrown(fn() => $client->handleLaunch('code=secret-code&state=secret-state', 'secret-session', REDIRECT));
var_dump(str_contains((string) $thrown . print_r($thrown, true), 'secret'));
?>
--EXPECT--
RuntimeException < RuntimeException
ConnectionException < FhirEhr\Exception\RuntimeException
TimeoutException < FhirEhr\Exception\ConnectionException (final)
AuthorizationException < FhirEhr\Exception\RuntimeException (final)
FhirException < FhirEhr\Exception\RuntimeException (final)
PatientException < FhirEhr\Exception\RuntimeException (final)
RequestException < FhirEhr\Exception\RuntimeException (final)
StagingException < FhirEhr\Exception\RuntimeException (final)
StoreException < FhirEhr\Exception\RuntimeException (final)
ConfigurationException < FhirEhr\Exception\RuntimeException (final)
MappingException < FhirEhr\Exception\RuntimeException (final)
AccessException < FhirEhr\Exception\RuntimeException (final)
InternalException < FhirEhr\Exception\RuntimeException (final)
bool(true)
an application may throw these exceptions in its hooks
string(0) ""
NULL
NULL
string(19) "the cluster is away"
bool(true)
all getters
getName: "fhir_unavailable"
getCode: 408
getStage: "fhir"
getOwner: "ehr_team"
getRetry: "later"
getRetryAfter: 3
getHttpStatus: 429
getVendorCode: null
getCorrelationId: null
getHint: null
getMessage: "The EHR's server is overloaded or failing. (HTTP 429)"
an error of Oracle's authorization server
getName: "authorization_rejected"
getOwner: "ehr_team"
getRetry: "never"
getVendorCode: "oauth2:grant:unauthorized-client-for-tenant"
getCause: "This client is not authorized for this tenant. The hospital must approve the application."
bool(true)
bool(true)
bool(true)
bool(true)
Exception
bool(false)
