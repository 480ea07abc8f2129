"""The command line: arguments, printing and exit codes. No other room prints or exits."""
