"""``python -m dashscope_gateway`` is the program, too."""

from dashscope_gateway import main

main()
