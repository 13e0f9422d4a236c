<?php
// The three pages behind one entry: by path info where the server found one, else by the address as it was sent.
$path = $_SERVER['PATH_INFO'] ?? '';
if ($path === '') {
    $path = rawurldecode((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
}
function answer(string $page, string $text): void
{
    $one = (int) $text;
    if ($one < 1 || $one >= 1000) {
        http_response_code(404);
        return;
    }
    echo "A page as a shop shows it, with name, address, telephone and orders: [[page $page of $one]]";
}
if ($path === '/my/info') {
    echo 'A page as a shop shows it, with name, address, telephone and orders: [[page my-info of ' . str_replace(']', '', $_SERVER['PHP_AUTH_USER'] ?? '-') . ']]';
} elseif ($path === '/account') {
    answer('account', (string) ($_GET['id'] ?? ''));
} elseif (preg_match('#^/customers/([^/]+)$#', $path, $found)) {
    answer('customer', $found[1]);
} else {
    http_response_code(404);
}
