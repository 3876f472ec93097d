<?php

// The address that the EHR launches, that its authorization server sends browsers back to, and of our own login.

declare(strict_types=1);

use FhirEhr\{ArrivalKind, SignedIn};

require __DIR__ . '/bootstrap.php';

start_session();

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    // The application's own login, asked for once: then the EHR's user is linked to the application's.
    check_csrf();
    if (!isset($_SESSION['handover'])) {
        end_with(400, 'No launch', 'Open the application from the EHR.');
    }
    if (!(new Members(database()))->passwordIsRight(posted('user'), posted('password'))) {
        login_page($_SESSION['ehr_user'], 'User or password is wrong.');
        exit;
    }
    enter(client()->finishLogin($_SESSION['handover'], session_id(), posted('user')));
}

// The last argument is this file's own address as the EHR knows it: fixed in the settings, never from the request.
$arrival = client()->arrive($_SERVER['QUERY_STRING'] ?? '', session_id(), settings()['address']);
switch ($arrival->kind) {
    case ArrivalKind::Redirect:
        header('Location: ' . $arrival->url, response_code: 302);
        break;
    case ArrivalKind::LoginWanted:
        // The hand-over stays on this side; only the session's id is in the browser.
        $_SESSION['handover'] = $arrival->handover;
        $_SESSION['ehr_user'] = $arrival->ehrUser;
        login_page($arrival->ehrUser);
        break;
    case ArrivalKind::SignedIn:
        enter($arrival->signedIn);
}

/** A signed-in user gets a new session id and a new token for forms, and an address without the code in it. */
function enter(SignedIn $signedIn): never
{
    session_regenerate_id(delete_old_session: true);
    $_SESSION = [
        'user' => $signedIn->user,
        'source' => $signedIn->source,
        'patient' => $signedIn->context->patient,
    ];
    header('Location: /record.php', response_code: 303);
    exit;
}
