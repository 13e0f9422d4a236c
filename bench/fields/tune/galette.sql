CREATE TABLE galette_adherents (
  id_adh integer,
  nom_adh character varying(255),
  ddn_adh date,
  mdp_adh character varying(255),
  gsm_adh character varying(50),
  lieu_naissance character varying(255)
);

CREATE TABLE galette_cotisations (
  montant_cotis decimal(15,2),
  id_adh integer
);

CREATE TABLE galette_types_cotisation (
  libelle_type_cotis character varying(255),
  amount decimal(15,2)
);

CREATE TABLE galette_statuts (
  libelle_statut character varying(255)
);

CREATE TABLE galette_texts (
  tbody text
);
