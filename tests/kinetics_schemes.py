"""A catalogue of schemes as TOML: every law once, with numbers of ordinary size."""

SCHEMES = {
    "mass action": """
        temperature = "333 K"
        [[reaction]]
        text = "A + B -> C"
        k = { value = "0.8 L/(mol min)", Ea = "62 kJ/mol" }
        [[reaction]]
        text = "C + B <-> D"
        k = { value = "0.5 L/(mol min)", Ea = "55 kJ/mol" }
        K = { value = "2 L/mol", dH = "-20 kJ/mol" }
    """,
    "power law": """
        [[reaction]]
        text = "A + B -> C"
        law = "power"
        orders = { A = "free", B = 0.5, C = -0.5 }
        k = "1e-3 1/s"
    """,
    "cycle": """
        temperature = "300 K"
        [[reaction]]
        text = "A <-> B"
        k = "1e-3 1/s"
        K = { value = 2.0, dH = "-10 kJ/mol" }
        [[reaction]]
        text = "B <-> C"
        k = "2e-3 1/s"
        K = { value = 3.0, dH = "4 kJ/mol", decades = 0.5 }
        [[reaction]]
        text = "A <-> C"
        k = "1e-3 1/s"
    """,
    "Langmuir-Hinshelwood": """
        [adsorption]
        A = "2 L/mol"
        B = "1 L/mol"
        C = "0.5 L/mol"
        [[reaction]]
        text = "A + B -> C"
        law = "langmuir_hinshelwood"
        adsorbed = ["A", "B", "C"]
        k = "4e-3 mol/(L s)"
    """,
    "dissociative, two kinds of sites": """
        [adsorption]
        A = { value = "2 L/mol" }
        H2 = "10 L/mol"
        P = "1 L/mol"
        [[reaction]]
        text = "A + H2 <-> P"
        law = "langmuir_hinshelwood"
        adsorbed = ["A", "H2", "P"]
        dissociative = ["H2"]
        sites = { A = "s", P = "s", H2 = "h" }
        k = "3e-3 mol/(L s)"
        K = "50 L/mol"
    """,
    "Eley-Rideal": """
        [adsorption]
        A = "2 L/mol"
        C = "0.5 L/mol"
        [[reaction]]
        text = "A + B -> C"
        law = "eley_rideal"
        adsorbed = ["A", "C"]
        k = "4e-3 1/s"
    """,
    "Michaelis-Menten": """
        [[reaction]]
        text = "S -> P"
        law = "michaelis_menten"
        kcat = "20 1/s"
        enzyme = "E"
        Km = "5 mmol/L"
        inhibition = [{ by = "P", kind = "competitive", K = "20 mmol/L" }, { by = "I", kind = "uncompetitive", K = "4 mmol/L" }, { kind = "substrate", K = "80 mmol/L" }]
    """,
    "reversible enzyme": """
        [[reaction]]
        text = "S <-> P"
        law = "michaelis_menten"
        vmax = "2 mmol/(L s)"
        Km = "5 mmol/L"
        Kp = "8 mmol/L"
        K = 4.0
    """,
    "ping-pong": """
        [[reaction]]
        text = "A + B -> P"
        law = "michaelis_menten"
        mechanism = "ping-pong"
        vmax = "2 mmol/(L s)"
        Km = { A = "5 mmol/L", B = "8 mmol/L" }
    """,
    "sequential": """
        [[reaction]]
        text = "A + B -> P"
        law = "michaelis_menten"
        vmax = "2 mmol/(L s)"
        Km = { A = "5 mmol/L", B = "8 mmol/L" }
        Kia = "3 mmol/L"
        inhibition = [{ by = "P", kind = "competitive", K = "20 mmol/L" }]
    """,
    "acid and base": """
        [[reaction]]
        text = "SM + amine -> P + HX"
        law = "power"
        orders = { SM = 1, amine_free = 1 }
        k = "5e-2 L/(mol s)"
        [[acid_base]]
        species = "amine"
        pKa = { value = 8.4, std = 0.3 }
        forms = ["amineH", "amine_free"]
        charge = 1
        [solution]
        ions = { HX = -1 }
        pKw = 14.0
    """,
    "deactivation": """
        [[reaction]]
        text = "A -> B"
        k = "1e-3 1/s"
        activity = "a"
        [[deactivation]]
        activity = "a"
        order = 2
        by = { A = 1 }
        residual = 0.1
        k = "2e-3 L/(mol s)"
    """,
    "radical chain": """
        [[reaction]]
        text = "Br2 <-> 2 Br"
        k = "1e-6 1/s"
        K = "1e-12 mol/L"
        [[reaction]]
        text = "Br + H2 <-> HBr + H"
        k = "2e3 L/(mol s)"
        K = { value = 1e-6, fixed = true }
        [[reaction]]
        text = "H + Br2 -> HBr + Br"
        k = "1e10 L/(mol s)"
        [[quasi_steady]]
        species = ["Br", "H"]
    """,
    "surface steps": """
        [[reaction]]
        text = "A + * <-> A*"
        k = "1 L/(mol s)"
        K = { value = "10 L/mol", decades = 1 }
        [[reaction]]
        text = "B2 + 2 * <-> 2 B*"
        k = "5 L^2/(mol^2 s)"
        K = { value = "20 L/mol", decades = 1 }
        [[reaction]]
        text = "A* + B* -> AB + 2 *"
        k = "300 L/(mol s)"
    """,
    "quasi-steady surface": """
        [[reaction]]
        text = "A + * <-> A*"
        k = "1 L/(mol s)"
        K = { value = "10 L/mol", decades = 1 }
        [[reaction]]
        text = "B2 + 2 * <-> 2 B*"
        k = "5 L^2/(mol^2 s)"
        K = { value = "20 L/mol", decades = 1 }
        [[reaction]]
        text = "A* + B* -> AB + 2 *"
        k = "300 L/(mol s)"
        [[quasi_steady]]
        species = ["*", "A*", "B*"]
        total = "10 mmol/L"
    """,
}
