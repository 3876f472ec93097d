--TEST--
php-fpm behind nginx: a launch over two workers, an exception, a fatal error, and the next request
--SKIPIF--
<?php
foreach (["nginx", "php-fpm8.2"] as $program) {
    if (trim((string) shell_exec("PATH=\$PATH:/usr/sbin command -v $program")) === "") {
        die("skip no $program");
    }
}
?>
--FILE--
<?php

require __DIR__ . '/../utils/basic.inc';
require __DIR__ . '/../utils/server.inc';

$sim = new Sim();
$servers = new Servers();
$folder = temporary();
$about = application($sim);
$app = dirname(__DIR__) . '/utils/app.php';
$root = function_exists('posix_geteuid') ? posix_geteuid() === 0 : fileowner("/proc/self") === 0;
$who = $root ? "user = root\ngroup = root\n" : '';
file_put_contents("$folder/fpm.conf", <<<INI
    [global]
    error_log = $folder/fpm.log
    daemonize = no
    process_control_timeout = 10s
    [www]
    {$who}listen = $folder/fpm.sock
    listen.mode = 0666
    pm = static
    pm.max_children = 2
    catch_workers_output = yes
    php_admin_value[html_errors] = 0
    php_admin_value[display_errors] = 1
    INI);
$port = free_port();
$parameters = '';
foreach ($about + ['SCRIPT_FILENAME' => $app] as $name => $value) {
    $parameters .= "fastcgi_param $name $value; ";
}
$user = $root ? 'user root;' : '';
file_put_contents("$folder/nginx.conf", <<<NGINX
    daemon off; pid $folder/nginx.pid; error_log $folder/nginx.log; worker_processes 1; $user
    events { worker_connections 64; }
    http {
        access_log off;
        client_body_temp_path $folder/b; proxy_temp_path $folder/p; fastcgi_temp_path $folder/f; uwsgi_temp_path $folder/u; scgi_temp_path $folder/s;
        server {
            listen 127.0.0.1:$port;
            location / {
                fastcgi_pass unix:$folder/fpm.sock; fastcgi_param QUERY_STRING \$query_string;
                fastcgi_param REQUEST_METHOD \$request_method; fastcgi_param REQUEST_URI \$request_uri; $parameters
            }
        }
    }
    NGINX);
putenv('PATH=' . getenv('PATH') . ':/usr/sbin');
$base = "http://127.0.0.1:$port";
$fpm = ['php-fpm8.2', '-n', '-F', '-y', "$folder/fpm.conf", '-d', 'extension=' . extension()];
$servers->start($root ? [...$fpm, '-R'] : $fpm, [], null);
$servers->start(['nginx', '-c', "$folder/nginx.conf", '-p', $folder], [], "$base/process");

echo launch_over_http($base, $sim), "\n";
$pull = 'mrn=' . urlencode($sim->patient()['mrn']);
echo get("$base/pull?$pull")[1], "\n";
$workers = [];
for ($i = 0; $i < 60 && count($workers) < 2; $i++) {
    $workers[process($base)['pid']] = true;
}
foreach (['exception', 'user', 'compile', 'memory', 'user', 'exception'] as $how) {
    $answer = get("$base/fatal?$pull&how=$how");
    preg_match('~Fatal error: .{11}~', $answer[1], $found);
    echo $found[0] ?? '?', ' -> ', get("$base/pull?$pull")[1], "\n";
}
$new = [];
for ($i = 0; $i < 20; $i++) {
    $answer = process($base);
    $new[$answer['pid']] = true;
    if ($answer['threads'] > 2) {
        echo "{$answer['threads']} threads\n";
    }
}
var_dump(array_diff_key($new, $workers));
echo preg_match('~exited|SIG~', file_get_contents("$folder/fpm.log"), $found) ? "a worker died\n" : "no worker died\n";
echo get("$base/staged")[1], "\n";
$servers->stop();
?>
--EXPECTF--
signed in: j.doe
rows: %d
Fatal error: Uncaught Do -> rows: %d
Fatal error: a fatal in  -> rows: %d
Fatal error: Class B can -> rows: %d
Fatal error: Allowed mem -> rows: %d
Fatal error: a fatal in  -> rows: %d
Fatal error: Uncaught Do -> rows: %d
array(0) {
}
no worker died
staged: %d
