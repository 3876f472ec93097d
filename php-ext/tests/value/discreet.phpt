--TEST--
No dump, cast, export, JSON document or trace shows a patient, a value, a state or a session
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{FhirContext, FhirUser, UserLink, LaunchResult, Client, Environment, LaunchContext, Patient, PatientRequest, PullResult, PullRequest, SaveSet, SignIn, StagedRow, ValueToSave};

ini_set('zend.exception_ignore_args', '0');
ini_set('zend.exception_string_param_max_len', '1000');

/** The texts in an object that may identify a person: all except those that dumps may show. */
function sensitive(object $object): array
{
    $open = ['user', 'source', 'project', 'mapping', 'fields', 'event', 'studyField', 'sourceField', 'codeSystem', 'resourceType',
        'key', 'keys', 'decision', 'saveId', 'pullId', 'pulledBy', 'ehrUser', 'idToken', 'idTokenError', 'tenant', 'grantedScopes', 'missingScopes',
        'partlyGrantedScopes'];
    $texts = [];
    foreach (get_object_vars($object) as $name => $value) {
        if (is_string($value) && !in_array($name, $open, true)) {
            $texts[] = $value;
        } elseif (is_array($value) && !in_array($name, $open, true)) {
            array_walk_recursive($value, static function ($one, $key) use (&$texts) {
                is_string($one) && array_push($texts, $one);
            });
        }
    }
    // The EHR user's name is shown, and may be the same as another text of a link.
    $texts = array_diff($texts, [$object->ehrUser ?? '']);
    // Short words and the words of a report occur in other texts by chance.
    return array_filter($texts, static fn($text) => strlen($text) > 3 && !in_array($text, ['complete', 'skipped'], true));
}

/** The output of each way to write out an object. */
function written(object $object): array
{
    ob_start();
    var_dump($object);
    $ways['var_dump'] = ob_get_clean();
    ob_start();
    debug_zval_dump($object);
    $ways['debug_zval_dump'] = ob_get_clean();
    $ways['print_r'] = print_r($object, true);
    $ways['var_export'] = var_export($object, true);
    $ways['json_encode'] = json_encode($object, JSON_THROW_ON_ERROR | JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_UNESCAPED_SLASHES);
    $ways['nested json'] = json_encode(['in' => [$object]], JSON_UNESCAPED_SLASHES);
    $ways['cast'] = flat((array) $object);
    $copy = $object;
    settype($copy, 'array');
    $ways['settype'] = flat($copy);
    try {
        $ways['serialize'] = serialize($object);
    } catch (Throwable $thrown) {
        $ways['serialize'] = (string) $thrown;
    }
    $trace = static fn(object $given) => throw new Exception('a failure');
    try {
        $trace($object);
    } catch (Exception $thrown) {
        $ways['trace'] = $thrown . print_r($thrown, true) . var_export($thrown->getTrace(), true) . json_encode($thrown->getTrace());
    }
    return $ways;
}

function flat(array $array): string
{
    $texts = [];
    array_walk_recursive($array, static function ($one) use (&$texts) {
        $texts[] = is_scalar($one) ? (string) $one : '';
    });
    return implode("\n", $texts);
}

$sim = new Sim();
$client = client($sim);
$redirect = $client->handleLaunch($sim->launch(), SESSION, REDIRECT);
$loginRequired = $client->handleLaunch(Sim::browser($redirect->url), SESSION, REDIRECT);
$signIn = $client->finishLogin($loginRequired->handover, SESSION, 'j.doe');
$patient = $sim->patient();
$request = request($sim, record: 'record-4711', launchPatient: $patient['id'], explain: true);
$pulled = $client->pull($request);
$look = new PatientRequest('j.doe', 'sim', mrn: $patient['mrn'], fields: ['birthDate'], project: 'p1', environment: Environment::Sandbox);
$found = $client->patient($look);
$client->adjudicate('j.doe', 'p1', 'record-4711', accept: [$pulled->rows[0]->decision]);
$set = $client->valuesToSave('j.doe', 'p1', 'record-4711');
$answer = ['access_token' => 't', 'patient' => 'p1', 'fhirContext' => [['reference' => 'ImagingStudy/4711', 'role' => 'urn:role']]];
$sim->fault('token-answer:' . json_encode($answer, JSON_UNESCAPED_SLASHES));
$standalone = $client->handleLaunch(Sim::browser($client->signIn('sim', 'other', SESSION, REDIRECT)), SESSION, REDIRECT)->signIn;
$sim->fault();

$objects = [
    Client::class => $client, LaunchResult::class => $redirect, 'a launch result that requires a login' => $loginRequired,
    SignIn::class => $signIn, LaunchContext::class => $signIn->context, FhirContext::class => $standalone->context->fhirContext[0],
    'a launch context with resources' => $standalone->context, PullRequest::class => $request,
    PatientRequest::class => $look, Patient::class => $found, PullResult::class => $pulled, StagedRow::class => $pulled->rows[0],
    SaveSet::class => $set, ValueToSave::class => $set->values[0], FhirUser::class => $signIn->context->fhirUser,
    UserLink::class => $client->links('admin')[0],
];
$own = sensitive($request);
foreach ($objects as $name => $object) {
    $secrets = [...sensitive($object), ...$own];
    foreach (written($object) as $way => $text) {
        foreach ($secrets as $secret) {
            if (str_contains($text, $secret) || str_contains($text, rawurlencode($secret))) {
                echo "$name: $way shows $secret\n";
            }
        }
    }
}
echo count($objects), " objects\n";
parse_str(parse_url($redirect->url, PHP_URL_QUERY), $asked);
var_dump(str_contains(implode(written($redirect)), $asked['state']));

echo "properties can be read\n";
var_dump($request->mrn === $patient['mrn'], get_object_vars($found)['mrns'] === $found->mrns, $set->values[0]->value !== '(hidden)');
var_dump(array_column($pulled->rows, 'value') === array_map(fn($row) => $row->value, $pulled->rows));
foreach ($request as $name => $value) {
    $name === 'record' && var_dump($value);
}
echo json_encode(json_decode(json_encode($set->values[0])), JSON_PRETTY_PRINT), "\n";

echo "classes of the extension that hide nothing\n";
$classes = (new ReflectionExtension('fhir_ehr'))->getClasses();
ksort($classes);
foreach ($classes as $class) {
    if (!isset($objects[$class->getName()]) && !$class->isEnum() && !$class->isInterface() && !$class->isSubclassOf(Throwable::class)) {
        echo $class->getShortName(), "\n";
    }
}

echo "a store gets sealed data\n";
$store = new ArrayStore();
$other = client($sim, $store);
launch($other, $sim);
$records = [];
$store->before = function (string $method, mixed ...$arguments) use (&$records) {
    $method === 'write' && array_push($records, ...$arguments[0]);
};
$other->pull($request);
$text = serialize(array_map(written(...), array_slice($records, 0, 3)));
var_dump($records !== [], array_filter($own, static fn($secret) => str_contains($text, $secret)));

echo "arguments in traces\n";
foreach ([
    fn() => new PullRequest('u', 's', 'p', Environment::Test, 'mark-1', 'mark-2', 'c', ['mark-3' => 5], launchPatient: 'mark-4'),
    fn() => new PatientRequest('u', 's', 'mark-1', 'mark-2', ['mark' => new stdClass()], 'p', null, false, new stdClass()),
    fn() => $client->staged("\xff", 'p', 'mark-1'),
    fn() => $client->decided("\xff", 'p', 'mark-1'),
    fn() => $client->adjudicate("\xff", 'p', 'mark-1'),
    fn() => $client->reopen("\xff", 'p', 'mark-1', []),
    fn() => $client->removeSaved("\xff", 'p', 'mark-1', []),
    fn() => $client->clearPending("\xff", 'p', 'mark-1'),
    fn() => $client->valuesToSave("\xff", 'p', 'mark-1'),
    fn() => $client->confirmSaved("\xff", 'mark-1', 's'),
    fn() => $client->returnUnsaved("\xff", 'mark-1', 's'),
    fn() => $client->handleLaunch('code=mark-1&state=mark-2', 'mark-3', REDIRECT),
    fn() => $client->signIn('none', 'u', 'mark-1', REDIRECT),
    fn() => $client->finishLogin('mark-1', 'mark-2', 'u'),
    fn() => $client->launchView("\xff", 'mark-1'),
    fn() => $client->endLaunchView("\xff", 'mark-1'),
    fn() => $client->createHandoff("\xff", 'mark-1', 'u'),
    fn() => $client->redeemHandoff('mark-1', 'mark-2'),
    fn() => new Client('{"mark-1": "mark-2"}'),
] as $number => $call) {
    $thrown = thrown($call);
    $text = $thrown->getTraceAsString() . print_r($thrown->getTrace()[0], true) . json_encode($thrown->getTrace()[0]['args'] ?? []);
    if (str_contains($text, 'mark-')) {
        echo "call $number: $text\n";
    }
}
?>
--EXPECTF--
16 objects
bool(false)
properties can be read
bool(true)
bool(true)
bool(true)
bool(true)
string(11) "record-4711"
{
    "event": "",
    "studyField": "%s",
    "value": "(hidden)",%A
}
classes of the extension that hide nothing
CheckStep
Discovery
GrantEntry
GrantPage
Introspection
JwksDocument
KeepAliveResult
KeptGrant
LaunchHandoff
LaunchLogEntry
LaunchView
SignedOutGrant
Source
StoredRecord
UserRemoval
Write
a store gets sealed data
bool(true)
array(0) {
}
arguments in traces
