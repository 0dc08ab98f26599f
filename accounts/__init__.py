"""Who somebody is: users with role and department, and the tokens that say so."""
