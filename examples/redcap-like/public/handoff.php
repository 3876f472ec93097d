<?php

// Other applications redeem the handle of a handoff here, from server to server: POST handoff=HANDLE with their secret as
// `Authorization: Bearer SECRET`. No browser calls this page, so it starts no session.

declare(strict_types=1);

use App\App;
use App\Web\Http;
use FhirEhr\Exception\Exception as EhrException;

/** @var App $app */
$app = require __DIR__ . '/../src/bootstrap.php';

/** @param array<string, ?string> $document */
function answer(int $status, array $document): never
{
    http_response_code($status);
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    header('X-Content-Type-Options: nosniff');
    echo json_encode($document, JSON_THROW_ON_ERROR);
    exit;
}

if (!Http::isPost()) {
    answer(405, ['error' => 'method_not_allowed']);
}
$given = $_SERVER['HTTP_AUTHORIZATION'] ?? '';
$secret = (string) preg_replace('/^Bearer /i', '', $given);
try {
    $signIn = $app->ehr()->redeemHandoff(is_string($_POST['handoff'] ?? null) ? $_POST['handoff'] : '', $secret);
} catch (EhrException $thrown) {
    error_log('fhir_ehr: ' . $thrown->getName());
    answer($thrown->getName() === 'handoff_foreign' ? 401 : 400, ['error' => $thrown->getName()]);
}
answer(200, [
    'user' => $signIn->user,
    'source' => $signIn->source,
    'patient' => $signIn->context->patient,
    'encounter' => $signIn->context->encounter,
    'ehr_user' => $signIn->context->ehrUser,
]);
