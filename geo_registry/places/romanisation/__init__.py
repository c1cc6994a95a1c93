"""How a Chinese place name is spelt in Hanyu Pinyin: a proposal with its reasons, never a decision.

Values in, values out, no database: the rules of 1984 (中国地名汉语拼音字母拼写规则, 汉语地名部分) over tables of generics,
readings and transcribed names. What is uncertain says so, and a registrar's spelling wins (`overriding`).
"""
