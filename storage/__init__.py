"""What is remembered: tables, views, migrations, and the one store over them."""
