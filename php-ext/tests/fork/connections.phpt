--TEST--
A fork after a pull: each process reads its own patient, and none waits forever
--EXTENSIONS--
pcntl
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';

$sim = new Sim();
$client = client($sim);
$patients = array_filter($sim->control('patients'), fn($patient) => $patient['mrn'] ?? null);
$patients = array_column($patients, 'id', 'mrn');
pcntl_alarm(50 * PATIENCE); // the watchdog: it kills
$pulls = function (int $start, int $times) use ($client, $sim, $patients): int {
    $wrong = 0;
    $numbers = array_keys($patients);
    for ($i = $start; $i < $start + $times; $i++) {
        $mrn = (string) $numbers[$i % count($numbers)];
        $pulled = $client->pull(request($sim, system: true, mrn: $mrn, record: "$mrn-" . getmypid()));
        $ids = array_unique(array_map(fn($row) => $row->resourceType === 'Patient' ? $row->resourceId : $patients[$mrn], $pulled->rows));
        $wrong += $pulled->patientId === $patients[$mrn] && $ids === [$patients[$mrn]] ? 0 : 1;
    }
    return $wrong;
};
$pulls(0, 2);
$children = [];
for ($child = 1; $child <= 3; $child++) {
    $pid = pcntl_fork();
    if ($pid === 0) {
        pcntl_alarm(50 * PATIENCE);
        $wrong = $pulls($child, 25);
        $threads = count(scandir('/proc/self/task')) - 2;
        exit($wrong * 10 + ($threads > 2 ? 1 : 0));
    }
    $children[] = $pid;
}
var_dump($pulls(0, 25));
foreach ($children as $pid) {
    pcntl_waitpid($pid, $status);
    var_dump(pcntl_wifexited($status) ? pcntl_wexitstatus($status) : 'killed');
}
var_dump($pulls(0, 3), count(scandir('/proc/self/task')) - 2 <= 2);
?>
--EXPECT--
int(0)
int(0)
int(0)
int(0)
int(0)
bool(true)
