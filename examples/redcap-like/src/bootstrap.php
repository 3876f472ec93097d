<?php

// The first file of every page and of cli.php: it loads classes, sets up error handling, and creates the application.

declare(strict_types=1);

use App\App;
use App\Web\ErrorPage;

// An application with Composer has `require 'vendor/autoload.php';` here.
spl_autoload_register(static function (string $class): void {
    [$namespace, $folder] = str_starts_with($class, 'App\\')
        ? ['App\\', __DIR__]
        : ['FhirEhr\\', __DIR__ . '/../../../php-ext/php/src'];
    $file = $folder . '/' . strtr(substr($class, strlen($namespace)), '\\', '/') . '.php';
    if (str_starts_with($class, $namespace) && is_file($file)) {
        require $file;
    }
});
require __DIR__ . '/FhirEhr.php';

/** Escapes text for HTML. All text from the EHR, the database or a browser must go through it. */
function h(?string $text): string
{
    return htmlspecialchars($text ?? '', ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
}

// PHP logs the arguments of functions by default. They include MRNs and patient data.
ini_set('zend.exception_ignore_args', '1');

// A PHP warning stops the request, so that it cannot save part of a record.
set_error_handler(static function (int $level, string $text, string $file, int $line): bool {
    if ((error_reporting() & $level) === 0) {
        return false;
    }
    throw new ErrorException($text, 0, $level, $file, $line);
});

$settings = $_SERVER['APP_SETTINGS'] ?? getenv('APP_SETTINGS');
$app = new App(is_string($settings) ? $settings : throw new RuntimeException('APP_SETTINGS is not set'));
set_exception_handler(static fn(Throwable $thrown) => ErrorPage::show($app, $thrown));

return $app;
