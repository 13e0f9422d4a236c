# Answers by one awk script: mawk -v question=clients|pages|persons -f shop.awk LOG, with TZ=UTC.
# It leans on every moment of the log being in UTC, as the log's own +0000 says.
BEGIN {
    FS = "\""
    split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", names, " ")
    for (n = 1; n <= 12; n++) month[names[n]] = sprintf("%02d", n)
}
question == "clients" {
    client = substr($1, 1, index($1, " ") - 1) SUBSEP $6
    if (!(client in met)) { met[client]; clients++ }
    next
}
substr($2, 1, 8) != "GET /my/" && substr($2, 1, 22) != "GET /api/v2/customers/" { next }
substr($3, 1, 5) != " 200 " { next }
{
    split($2, request, " ")
    path = request[2]
    if (at = index(path, "?")) path = substr(path, 1, at - 1)
    split($1, head, " ")
    person = head[3]
    if (path == "/my/info/edit") page = "my-info"
    else if (path == "/my/orders/list") page = "my-orders"
    else if (split(path, piece, "/") == 6 && piece[6] == "addresses") { page = "customer-address-list"; person = piece[5] }
    else next
    if (person == "-" || person == "") next
    if (question == "pages") {
        if (!((page, person) in met)) { met[page, person]; persons[page]++ }
        next
    }
    # [03/Mar/2025:01:22:48 as text that sorts by time
    day = head[4]
    moment = substr(day, 9, 4) " " month[substr(day, 5, 3)] " " substr(day, 2, 2) " " substr(day, 14, 2) " " substr(day, 17, 2) " " substr(day, 20, 2)
    if (!(person in first) || moment < first[person]) first[person] = moment
    if (!(person in last) || moment > last[person]) last[person] = moment
}
END {
    if (question == "clients") print clients + 0
    if (question == "pages") for (page in persons) print page "\t" persons[page]
    if (question == "persons") for (person in first) print person "\t" mktime(first[person]) "\t" mktime(last[person])
}
