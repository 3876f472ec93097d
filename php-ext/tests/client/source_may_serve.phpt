--TEST--
Client::sourceMayServe(): a production project takes data only from a production source
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

use FhirEhr\{Access, Action, Client, Environment, PatientRequest};

$sim = new Sim();
$mrn = $sim->patient()['mrn'];
$access = new class implements Access {
    public array $asked = [];

    public function allows(string $user, string $project, Action $action): bool
    {
        $this->asked[] = $action->value;
        return true;
    }
};
/** A client with a source of this environment. */
function client_of(Sim $sim, Environment $environment, mixed ...$hooks): Client
{
    $document = json_decode($sim->config(), true);
    foreach ($document['registrations'] as &$registration) {
        $registration['environments'] = [$environment->value];
    }
    unset($registration);
    foreach ($document['sources'] as &$source) {
        $source['environment'] = $environment->value;
        unset($source['policy']['trust_user_hint']);
    }
    unset($source);
    // No database can be created below /dev/null, so each call that needs the store fails.
    $document['store'] = ['sqlite' => '/dev/null/store'];
    return new Client(json_encode($document), ...$hooks);
}
foreach (Environment::cases() as $source) {
    $client = client_of($sim, $source, access: $access);
    foreach (Environment::cases() as $project) {
        $access->asked = [];
        $may = $client->sourceMayServe('sim', $project);
        echo "source $source->value, project $project->value: ", json_encode($may), ', asked: ', count($access->asked), "\n";
    }
}

echo "no such source, no such environment\n";
$thrown = thrown(fn() => $client->sourceMayServe('none', Environment::Test));
echo $thrown::class, " {$thrown->getName()}\n";
shown(fn() => $client->sourceMayServe('sim', 'test'));

echo "the error of a refused request\n";
$client = client($sim);
$refused = thrown(fn() => $client->pull(request($sim, environment: Environment::Production)));
echo "{$refused->getMessage()}\n{$refused->getHint()}\n";
$lookUp = new PatientRequest(user: 'j.doe', source: 'sim', mrn: $mrn, project: 'p1', environment: Environment::Production);
$same = thrown(fn() => $client->patient($lookUp));
var_dump([$same->getMessage(), $same->getHint()] === [$refused->getMessage(), $refused->getHint()]);

echo "the result is the same without the EHR\n";
$sim->stop();
var_dump($client->sourceMayServe('sim', Environment::Sandbox), $client->sourceMayServe('sim', Environment::Production));
?>
--EXPECT--
source sandbox, project sandbox: true, asked: 0
source sandbox, project test: true, asked: 0
source sandbox, project production: false, asked: 0
source test, project sandbox: true, asked: 0
source test, project test: true, asked: 0
source test, project production: false, asked: 0
source production, project sandbox: true, asked: 0
source production, project test: true, asked: 0
source production, project production: true, asked: 0
no such source, no such environment
FhirEhr\Exception\ConfigurationException source_not_found
TypeError
the error of a refused request
Data from a sandbox or test source cannot go into a production project. (source sim is a sandbox source)
Use a production source, or a sandbox or test project.
bool(true)
the result is the same without the EHR
bool(true)
bool(false)
