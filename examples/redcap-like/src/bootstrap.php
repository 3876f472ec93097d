<?php

// What every page and the command begin with: the classes, the handling of errors, and the application itself.

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

/** Text for HTML. Nothing that came from the EHR, the database or a browser is printed without it. */
function h(?string $text): string
{
    return htmlspecialchars($text ?? '', ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
}

// The log holds no arguments: they are record numbers and patients' values. PHP's own default is to write them.
ini_set('zend.exception_ignore_args', '1');

// Warnings are mistakes: better a page that says so than half a record.
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
