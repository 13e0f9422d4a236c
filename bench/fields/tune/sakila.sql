CREATE TABLE customer (
  customer_id integer,
  email character varying(50)
);

CREATE TABLE staff (
  picture bytea,
  password character varying(40)
);

CREATE TABLE payment (
  amount numeric(5,2),
  customer_id integer
);

CREATE TABLE film (
  title character varying(255),
  description text
);

CREATE TABLE city (
  city character varying(50)
);

CREATE TABLE actor (
  last_name character varying(45)
);

CREATE TABLE store (
  last_update timestamp
);
