--TEST--
The ten lines in docs/php.md run unchanged
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$root = getenv('FHIR_EHR_ROOT') ?: dirname(__DIR__, 3);
preg_match_all('~runs this block: (\w+) -->\n```php\n(.*?)```~s', file_get_contents("$root/docs/php.md"), $blocks);
$blocks = array_combine($blocks[1], $blocks[2]);
foreach ($blocks as $name => $code) {
    file_put_contents(temporary() . "/$name.php", "<?php\n$code");
}

// The functions that an application provides.
function redirect(string $to): string
{
    return $to;
}

function login(?string $ehrUser): string
{
    echo "login page, says $ehrUser\n";
    return 'j.doe';
}

function begin_session(string $user, ?string $patient): string
{
    return "session of $user";
}

function adjudicate(array $rows): array
{
    return array_column(array_filter($rows, fn($row) => $row->preselected), 'decision');
}

function save(string $record, string $event, string $field, string $value): void
{
    echo "$record: $field = ", preg_replace('~\d~', '9', $value), "\n";
}

$sim = new Sim('--personality', 'generic');
$configuration = temporary() . '/fhir_ehr.json';
file_put_contents($configuration, $sim->config(['store' => ['sqlite' => 'store']]));
$run = function (string $name, array $variables) use ($configuration): mixed {
    $launchAddress = REDIRECT;
    $access = new AllowAll();
    extract($variables);
    return require temporary() . "/$name.php";
};
session_id('browser1');
$_SERVER['QUERY_STRING'] = $sim->launch();
$_SERVER['QUERY_STRING'] = Sim::browser($run('launch', []));
echo $run('launch', []), "\n";
$csv = HEADER . "id,1,mrn,,,\nbirthDate,,dob,,,\n29463-7,,weight,visit_date,NEAR,\n";
$run('pull', ['user' => 'j.doe', 'record' => '1', 'mrn' => $sim->patient()['mrn'], 'csv' => $csv]);
echo count(explode("\n", trim(implode($blocks)))), " lines\n";
?>
--EXPECTF--
login page, says portal
session of j.doe
1: dob = 9999
1: weight = 99.9
%d lines
