CREATE TABLE employees (
  emp_no INT,
  birth_date DATE,
  first_name VARCHAR(14),
  hire_date DATE
);

CREATE TABLE salaries (
  salary INT
);

CREATE TABLE titles (
  title VARCHAR(50)
);

CREATE TABLE departments (
  dept_name VARCHAR(40),
  dept_no CHAR(4)
);

CREATE TABLE dept_emp (
  emp_no INT
);
