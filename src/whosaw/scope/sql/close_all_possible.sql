-- Whatever no record explains is possible.
CREATE OR REPLACE TEMP TABLE scope_possible AS
SELECT client FROM scope_outside AS t ANTI JOIN scope_joined USING (client) WHERE t.unexplained + t.cannot_tell > 0
