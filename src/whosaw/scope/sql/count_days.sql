SELECT person, (time // 86400000000)::INTEGER AS day, held FROM scope_views WHERE person IS NOT NULL
