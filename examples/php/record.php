<?php

// The record of the patient in the EHR's chart: GET pulls and shows the values, POST saves those that were ticked.

declare(strict_types=1);

require __DIR__ . '/bootstrap.php';

start_session();
if (!isset($_SESSION['user'])) {
    end_with(403, 'Not signed in', 'Open the application from the EHR.');
}
['user' => $user, 'source' => $source, 'patient' => $patient] = $_SESSION;

$study = new Study(client(), database(), settings());
$visit = $study->visitOfPatient($patient);
if ($visit === null) {
    end_with(404, 'Not in the study', 'The study has no record of this patient.');
}

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    check_csrf();
    if (posted('all') !== '1') {
        end_with(400, 'Too many values', 'PHP has cut the form off: raise max_input_vars in php.ini.');
    }
    $accept = array_values(array_filter((array) ($_POST['accept'] ?? []), is_string(...)));
    $rows = $study->waiting($user, $visit);
    saved_page($visit, $rows, $accept, $study->save($user, $visit, $accept));
    exit;
}

csrf_token(); // made before the session is closed
session_write_close(); // a pull may take seconds: the user's other pages do not wait for it
$pulled = $study->pull($user, $source, $visit, launchPatient: $patient);
decision_page($visit, $study->waiting($user, $visit), $pulled);
